//! RSA keys of callers and of our own: read from PEM, checked, and used to verify.
//!
//! Signatures are RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), keys have 2048 to 4096 bits. A key is
//! stored as DER of its `SubjectPublicKeyInfo`, and read into the form that verifies once.

pub mod demo;

use core::fmt;
use data_encoding::HEXLOWER;
use domain::secret::Secret;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use spki::der::asn1::{AnyRef, BitStringRef, UintRef};
use spki::der::{Decode, Encode, Reader, SliceReader};
use spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfoRef};

/// `rsaEncryption` of PKCS #1.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// Bytes of a modulus of 2048 and of 4096 bits.
const MODULUS_MIN: usize = 256;
const MODULUS_MAX: usize = 512;
/// The largest exponent that is verified with.
const EXPONENT_MAX: u64 = (1 << 33) - 1;

/// A text is not one RSA key of a size that is taken. It says no more, since the text may be
/// secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RSA key of 2048 to 4096 bits in PEM")]
pub struct BadKey;

/// A public key, ready to verify.
#[derive(Clone)]
pub struct VerifyingKey {
    der: Vec<u8>,
    bits: usize,
    key: UnparsedPublicKey<Vec<u8>>,
}

impl VerifyingKey {
    /// From `BEGIN PUBLIC KEY`; text around it is passed over.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|_| BadKey)?;
        Self::from_der(&der)
    }

    /// From a `SubjectPublicKeyInfo`.
    pub fn from_der(der: &[u8]) -> Result<Self, BadKey> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| BadKey)?;
        let plain = info.algorithm.parameters.is_none_or(|parameters| parameters == AnyRef::NULL);
        if info.algorithm.oid != RSA || !plain {
            return Err(BadKey);
        }
        let numbers = info.subject_public_key.as_bytes().ok_or(BadKey)?;
        let bits = check(numbers)?;
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, numbers.to_vec());
        Ok(Self { der: der.to_vec(), bits, key })
    }

    fn from_numbers(numbers: &[u8]) -> Result<Self, BadKey> {
        let info = SubjectPublicKeyInfoRef {
            algorithm: AlgorithmIdentifierRef { oid: RSA, parameters: Some(AnyRef::NULL) },
            subject_public_key: BitStringRef::from_bytes(numbers).map_err(|_| BadKey)?,
        };
        Self::from_der(&info.to_der().map_err(|_| BadKey)?)
    }

    /// The `SubjectPublicKeyInfo`, as stores keep it.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The length of the modulus.
    pub const fn bits(&self) -> usize {
        self.bits
    }

    /// SHA-256 of the DER in hexadecimal, which tells keys apart.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.der)
    }

    /// `BEGIN PUBLIC KEY`, in lines of 64 characters.
    pub fn to_pem(&self) -> String {
        public_pem(&self.der)
    }

    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify(message, signature).is_ok()
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} bits)", self.bits)
    }
}

/// SHA-256 of a stored public key, in hexadecimal.
pub fn fingerprint(der: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, der).as_ref())
}

/// A stored public key as people read it.
pub fn public_pem(der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|c| char::from(*c)));
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}

/// A private key.
pub struct SigningKey {
    pair: KeyPair,
    public: VerifyingKey,
}

impl SigningKey {
    /// From `BEGIN PRIVATE KEY` (PKCS #8) or `BEGIN RSA PRIVATE KEY` (PKCS #1); text around it is
    /// passed over.
    pub fn from_pem(pem: &Secret<String>) -> Result<Self, BadKey> {
        let der = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| BadKey)?;
        let pair = match &der {
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(BadKey),
        };
        let pair = pair.map_err(|_| BadKey)?;
        let public = VerifyingKey::from_numbers(pair.public_key().as_ref())?;
        Ok(Self { pair, public })
    }

    pub const fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The same for the same message, always: the random numbers hide how long the signing takes,
    /// and are not in what is signed.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let blinding = SystemRandom::new();
        let signed = self.pair.sign(&RSA_PKCS1_SHA256, &blinding, message, &mut signature);
        signed.expect("a key that was read signs, and the system has random numbers");
        signature
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} bits, [secret])", self.public.bits())
    }
}

/// Modulus and exponent of `RSAPublicKey`: what would never verify is not taken.
fn check(numbers: &[u8]) -> Result<usize, BadKey> {
    let mut reader = SliceReader::new(numbers).map_err(|_| BadKey)?;
    let read = reader.sequence(|inner| {
        let modulus = UintRef::decode(inner)?;
        let exponent = UintRef::decode(inner)?;
        Ok((modulus, exponent))
    });
    let (modulus, exponent) = read.map_err(|_| BadKey)?;
    reader.finish(()).map_err(|_| BadKey)?;
    let exponent = exponent.as_bytes();
    let exponent =
        exponent.iter().fold(0u64, |sum, byte| sum.saturating_mul(256) | u64::from(*byte));
    let (modulus, first) = (modulus.as_bytes(), modulus.as_bytes().first().copied());
    let sized = (MODULUS_MIN..=MODULUS_MAX).contains(&modulus.len());
    // A modulus that begins with a zero bit would be of an odd size, and no tool makes one.
    if !sized || first.is_none_or(|byte| byte < 0x80) {
        return Err(BadKey);
    }
    if !(3..=EXPONENT_MAX).contains(&exponent) || exponent.is_multiple_of(2) {
        return Err(BadKey);
    }
    Ok(modulus.len() * 8)
}

#[cfg(test)]
mod tests;
