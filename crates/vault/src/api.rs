//! What merchants are given: API keys and secrets, 32 letters and digits each (190 bits).

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
