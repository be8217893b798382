use super::*;

const APP: &str = "11111111-2222-4333-8444-555555555555";

fn parse(text: &str) -> Result<Credential<'_>, Code> {
    Credential::parse(text)
}

#[test]
fn three_parts_make_a_credential() {
    let text = format!("{APP}/20250606031230/Wonder-RSA-SHA256");
    let at = Time::from_unix_us(1_749_179_550_000_000);
    assert_eq!(parse(&text), Ok(Credential { app_id: APP, time: "20250606031230", at }));
    // What an AppID looks like is for the directory to know.
    for app_id in ["x", "é", " ", &"x".repeat(64)] {
        let text = format!("{app_id}/20250606031230/Wonder-RSA-SHA256");
        assert_eq!(parse(&text).unwrap().app_id, app_id);
    }
}

#[test]
fn other_forms_are_none() {
    let long = format!("{}/20250606031230/Wonder-RSA-SHA256", "x".repeat(65));
    for text in [
        "",
        "/",
        "//",
        "x",
        "x/20250606031230",
        "x/20250606031230/Wonder-RSA-SHA256/",
        "x/20250606031230/Wonder-RSA-SHA256/more",
        "/x/20250606031230/Wonder-RSA-SHA256",
        "/20250606031230/Wonder-RSA-SHA256",
        "20250606031230/x/Wonder-RSA-SHA256",
        "x//Wonder-RSA-SHA256",
        long.as_str(),
    ] {
        assert_eq!(parse(text), Err(Code::BadCredential), "{text}");
    }
}

#[test]
fn fourteen_digits_are_a_time() {
    for (time, unix_s) in [
        ("19700101000000", 0),
        ("20240229235959", 1_709_251_199),
        ("20251231235959", 1_767_225_599),
        ("20991231235959", 4_102_444_799),
    ] {
        let text = format!("{APP}/{time}/Wonder-RSA-SHA256");
        let at = parse(&text).map(|credential| credential.at.unix_us());
        assert_eq!(at, Ok(unix_s * 1_000_000), "{time}");
    }
}

#[test]
fn what_is_on_no_calendar_is_no_time() {
    for time in [
        "2025060603123",
        "202506060312300",
        "20251306031230",
        "20250006031230",
        "20250230031230",
        "20250229031230",
        "20250431031230",
        "20250600031230",
        "20250606241230",
        "20250606036030",
        "20250606031260",
        "+2025060603123",
        "-2025060603123",
        " 2025060603123",
        "2025-06-06T03:",
        "20250606O31230",
        "٢٠٢٥٠٦٠",
        "0x250606031230",
    ] {
        let text = format!("{APP}/{time}/Wonder-RSA-SHA256");
        assert_eq!(parse(&text), Err(Code::BadCredential), "{time}");
    }
}

#[test]
fn the_form_comes_before_the_algorithm() {
    for label in [
        "Wonder-HMAC-SHA256",
        "wonder-rsa-sha256",
        "Wonder-RSA-SHA256 ",
        "Wonder-RSA-SHA512",
        "none",
        "",
    ] {
        let text = format!("{APP}/20250606031230/{label}");
        assert_eq!(parse(&text), Err(Code::UnknownAlgorithm), "{label}");
        let text = format!("{APP}/2025060603123/{label}");
        assert_eq!(parse(&text), Err(Code::BadCredential), "{label}");
        let text = format!("/20250606031230/{label}");
        assert_eq!(parse(&text), Err(Code::BadCredential), "{label}");
    }
}
