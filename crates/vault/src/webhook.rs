//! Signatures of what leaves by itself, under a secret that its receiver shares.

use ring::hmac;

/// HMAC-SHA256 over the parts, one after the other.
pub fn hmac_sha256(secret: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [0u8; 32];
    out.copy_from_slice(tag(hmac::HMAC_SHA256, secret, parts).as_ref());
    out
}

/// HMAC-SHA512 over the parts, one after the other.
pub fn hmac_sha512(secret: &[u8], parts: &[&[u8]]) -> [u8; 64] {
    let mut out = [0u8; 64];
    out.copy_from_slice(tag(hmac::HMAC_SHA512, secret, parts).as_ref());
    out
}

fn tag(algorithm: hmac::Algorithm, secret: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, secret));
    for part in parts {
        context.update(part);
    }
    context.sign()
}

#[cfg(test)]
mod tests;
