use super::*;
use crate::random::tests::{Broken, Seeded};

#[test]
fn thirty_two_letters_and_digits_never_the_same() {
    let random = Seeded::new(1);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..200 {
        for made in [generate_key(&random).unwrap(), generate_secret(&random).unwrap()] {
            assert_eq!(made.expose().len(), 32);
            assert!(made.expose().bytes().all(|c| c.is_ascii_alphanumeric()));
            assert!(seen.insert(made.expose().clone()));
        }
    }
}

/// 320,000 letters: each of the 62 is due 5,161 times, with a deviation of 71. A remainder of
/// 256 by 62 would favour eight of them by a quarter.
#[test]
fn no_letter_is_favoured() {
    let random = Seeded::new(2);
    let mut counts = [0u32; 128];
    for _ in 0..10_000 {
        for letter in generate_key(&random).unwrap().expose().bytes() {
            counts[usize::from(letter)] += 1;
        }
    }
    for letter in LETTERS {
        let count = counts[usize::from(*letter)];
        assert!((4_800..5_520).contains(&count), "{} {count}", char::from(*letter));
    }
}

/// Gives one byte for ever, which a sampling loop without a bound would never leave.
struct Stuck(u8);

impl Random for Stuck {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        out.fill(self.0);
        Ok(())
    }
}

#[test]
fn a_bad_source_ends() {
    assert_eq!(generate_key(&Broken).err(), Some(RandomError));
    assert_eq!(generate_key(&Stuck(255)).err(), Some(RandomError));
    assert_eq!(generate_key(&Stuck(248)).err(), Some(RandomError));
    assert_eq!(generate_key(&Stuck(247)).unwrap().expose(), &"z".repeat(32));
}

#[test]
fn ids_are_random_uuids() {
    let random = Seeded::new(3);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..200 {
        let made = generate_id(&random).unwrap();
        let id = made.expose();
        let parts: Vec<&str> = id.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(id.bytes().all(|c| c == b'-' || c.is_ascii_digit() || (b'a'..=b'f').contains(&c)));
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        assert!(seen.insert(id.clone()));
    }
    assert_eq!(generate_id(&Broken).err(), Some(RandomError));
}
