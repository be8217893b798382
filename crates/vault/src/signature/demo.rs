//! The sandbox's keys. Their private halves are published with Vostro, so that its examples work
//! as they stand: they prove nothing, and are taken by sandbox programmes only.

use super::VerifyingKey;

/// The private key of the sandbox's caller, in PEM after two lines that say what it is.
pub const APP: &str = include_str!("demo_app.pem");
/// The private key that the sandbox's platform signs with.
pub const PLATFORM: &str = include_str!("demo_platform.pem");

/// The fingerprints of the two.
const PUBLISHED: [&str; 2] = [
    "84eac7eb54e81e5a320ba9369e1308be19e1c99c85c4dd992538e3146337637c",
    "fd9f82bad73729dc62d3523a4e5ebf4a2700a84a89923f63cc7ed844f26fc297",
];

/// Whether everybody knows the private half.
pub fn is_published(key: &VerifyingKey) -> bool {
    PUBLISHED.contains(&key.fingerprint().as_str())
}

/// A demo key without the lines before it.
pub fn pem_of(text: &str) -> &str {
    text.find("-----BEGIN").map_or(text, |start| &text[start..])
}
