//! What merchants are given: API keys and secrets, 32 letters and digits each (190 bits).

use data_encoding::HEXLOWER;
use domain::secret::Secret;
use zeroize::Zeroizing;

use crate::random::{Random, RandomError};

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LEN: usize = 32;
/// The largest multiple of 62 in a byte: bytes from here on would favour the first letters.
const FAIR: u8 = 248;
/// 64 bytes give fewer than 32 letters about never; a source that does so this often is broken.
const ROUNDS: usize = 16;

/// A new API key. Stored only as a look-up hash.
pub fn generate_key(random: &dyn Random) -> Result<Secret<String>, RandomError> {
    letters(random)
}

/// A new API or webhook secret, whose 32 ASCII bytes are themselves the key of a merchant's
/// HMAC. Stored only sealed.
pub fn generate_secret(random: &dyn Random) -> Result<Secret<String>, RandomError> {
    letters(random)
}

/// A new public id: a random UUID. It names and proves nothing, and is stored as a look-up hash
/// like a key.
pub fn generate_id(random: &dyn Random) -> Result<Secret<String>, RandomError> {
    let mut bytes = [0u8; 16];
    random.fill(&mut bytes)?;
    // Version 4 of RFC 9562.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = HEXLOWER.encode(&bytes);
    let part = |from: usize, to: usize| &digits[from..to];
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    Ok(Secret::new(parts.join("-")))
}

fn letters(random: &dyn Random) -> Result<Secret<String>, RandomError> {
    // The full capacity from the start: growing would leave copies behind that nobody wipes.
    let mut text = Zeroizing::new(String::with_capacity(LEN));
    let mut bytes = Zeroizing::new([0u8; 2 * LEN]);
    for _ in 0..ROUNDS {
        random.fill(&mut bytes[..])?;
        for &byte in bytes.iter().filter(|&&byte| byte < FAIR) {
            text.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
            if text.len() == LEN {
                return Ok(Secret::new(core::mem::take(&mut *text)));
            }
        }
    }
    Err(RandomError)
}

#[cfg(test)]
mod tests;
