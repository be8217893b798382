//! The role that servers connect as, which has no more rights than they need.
//!
//! The script is a file for whoever wants to read it before it runs; here it gets the role's name.

const SCRIPT: &str = include_str!("../sql/role.sql");
/// The name that stands in the script.
const NAME: &str = "vostro_server";
/// As many bytes of a name PostgreSQL keeps.
const LEN_MAX: usize = 63;

/// A name that would need more than quotes.
#[derive(Debug, thiserror::Error)]
#[error(
    "a role's name is 1 to 63 lower-case letters, digits and underscores, with no digit in front"
)]
pub struct BadRoleName;

/// The script that makes a role of this name, or limits one that is there.
pub fn role_script(name: &str) -> Result<String, BadRoleName> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let good = !name.is_empty()
        && name.len() <= LEN_MAX
        && name.bytes().all(plain)
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if good { Ok(SCRIPT.replace(NAME, name)) } else { Err(BadRoleName) }
}
