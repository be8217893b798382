use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

const TEXT: &str = "-----BEGIN PRIVATE KEY-----\nHUSH\n-----END PRIVATE KEY-----\n";

fn add(usage: &str, file: &Path) -> Result<Call, CommandError> {
    let of = Of { program: "acme".to_owned() };
    let holder = Holder { of, credential: "c".to_owned() };
    Add { holder, usage: usage.to_owned(), file: file.to_owned() }.call()
}

#[test]
fn a_private_half_does_not_lie_open() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key.pem");
    fs::write(&file, TEXT).unwrap();
    for (mode, usage, good) in [
        (0o600, "sign", true),
        (0o400, "sign", true),
        (0o640, "sign", false),
        (0o604, "sign", false),
        (0o644, "verify", true),
        (0o600, "verify", true),
    ] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        match add(usage, &file) {
            Ok(call) => {
                assert!(good && call.body().contains("HUSH"), "{mode:o} {usage}");
                assert!(!format!("{call:?}").contains("HUSH"));
            }
            Err(error) => {
                assert!(!good, "{mode:o} {usage}");
                assert!(matches!(error, CommandError::KeyFile(SecretFileError::Open { .. })));
            }
        }
    }
}

#[test]
fn a_file_that_is_not_there_or_no_text() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key.pem");
    for usage in ["sign", "verify"] {
        let missing = add(usage, &file).unwrap_err();
        assert!(matches!(missing, CommandError::KeyFile(SecretFileError::Missing { .. })));
    }
    fs::write(&file, b"\x30\x82\xff").unwrap();
    for usage in ["sign", "verify"] {
        let binary = add(usage, &file).unwrap_err();
        assert!(matches!(binary, CommandError::KeyFile(SecretFileError::File(_))));
    }
}
