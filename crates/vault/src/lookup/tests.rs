use super::*;
use crate::random::tests::hex;

const KEY: &[u8; 32] = b"whats the Elvish word for friend";

fn key() -> LookupKey {
    LookupKey::new(Secret::new(*KEY))
}

/// Keyed hashes of BLAKE3's own test vectors; the input repeats the bytes 0 to 250.
#[test]
fn published_vectors() {
    for (len, expected) in [
        (0, "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26"),
        (1, "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b"),
        (1023, "c951ecdf03288d0fcc96ee3413563d8a6d3589547f2c2fb36d9786470f1b9d6e"),
        (1025, "357dc55de0c7e382c900fd6e320acc04146be01db6a8ce7210b7189bd664ea69"),
        (2049, "9f29700902f7c86e514ddc4df1e3049f258b2472b6dd5267f61bf13983b78dd5"),
    ] {
        let input: Vec<u8> = (0..251u8).cycle().take(len).collect();
        let made = key().hasher().update(&input).finalize();
        assert_eq!(made.as_bytes().as_slice(), hex(expected), "{len}");
    }
}

#[test]
fn is_the_keyed_hash_of_lengths_and_parts() {
    let mut whole = Vec::new();
    for part in [&b"api key"[..], b"", b"abc"] {
        whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
        whole.extend_from_slice(part);
    }
    let expected = blake3::keyed_hash(KEY, &whole);
    assert_eq!(key().lookup(&[b"api key", b"", b"abc"]), expected.as_bytes()[..16]);
}

#[test]
fn parts_of_any_length_are_hashed_alike() {
    let long = [7; 2 * TOGETHER];
    for len in (TOGETHER - 40..TOGETHER + 2).chain([long.len()]) {
        let parts = [&b"word"[..], &long[..len], b""];
        let expected = key().one_by_one(&parts);
        assert_eq!(key().lookup(&parts), expected.as_bytes()[..16], "{len}");
    }
}

#[test]
fn where_parts_end_counts() {
    let all: [&[&[u8]]; 7] =
        [&[], &[b""], &[b"", b""], &[b"ab"], &[b"a", b"b"], &[b"ab", b""], &[b"", b"ab"]];
    for (i, left) in all.iter().enumerate() {
        for right in &all[i + 1..] {
            assert_ne!(key().lookup(left), key().lookup(right));
        }
    }
    let other = LookupKey::new(Secret::new([1; 32]));
    assert_ne!(key().lookup(&[b"ab"]), other.lookup(&[b"ab"]));
}

#[test]
fn debug_prints_nothing() {
    assert_eq!(format!("{:?}", key()), "LookupKey([secret])");
}
