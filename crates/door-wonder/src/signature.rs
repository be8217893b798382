//! What a signature is made over.
//!
//! `K1 = HMAC-SHA256(key = nonce, request time)`, `K2 = HMAC-SHA256(key = K1, algorithm label)`,
//! and the digest is the lower-case hexadecimal text of `HMAC-SHA256(key = K2, P)`. `P` is the
//! method in capitals, a line feed and the request's target as it was sent, with a line feed and
//! the body behind it where there is a body. The RSA signature is over the 64 characters of that
//! text.

use data_encoding::HEXLOWER;
use ring::hmac::{Context, HMAC_SHA256, Key, sign};

/// The only algorithm, as the credential names it.
pub const LABEL: &str = "Wonder-RSA-SHA256";

/// A request as far as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub nonce: &'a str,
    /// 14 digits.
    pub time: &'a str,
    pub method: &'a str,
    /// Path and query as they were sent.
    pub target: &'a str,
    pub body: &'a [u8],
}

/// The text that is signed: 64 characters.
pub fn digest(request: &Request<'_>) -> String {
    let nonce = Key::new(HMAC_SHA256, request.nonce.as_bytes());
    let first = Key::new(HMAC_SHA256, sign(&nonce, request.time.as_bytes()).as_ref());
    let second = Key::new(HMAC_SHA256, sign(&first, LABEL.as_bytes()).as_ref());
    let mut context = Context::with_key(&second);
    context.update(request.method.to_ascii_uppercase().as_bytes());
    context.update(b"\n");
    context.update(request.target.as_bytes());
    if !request.body.is_empty() {
        context.update(b"\n");
        context.update(request.body);
    }
    HEXLOWER.encode(context.sign().as_ref())
}

/// The texts that may have been signed: of a body of blanks alone, some clients sign nothing.
pub(crate) fn digests(request: &Request<'_>) -> Vec<String> {
    let mut texts = vec![digest(request)];
    if !request.body.is_empty() && request.body.iter().all(u8::is_ascii_whitespace) {
        texts.push(digest(&Request { body: b"", ..*request }));
    }
    texts
}

#[cfg(test)]
mod tests;
