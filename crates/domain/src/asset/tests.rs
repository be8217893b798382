use super::*;

#[test]
fn registry_is_sorted_and_bounded() {
    assert!(REGISTRY.windows(2).all(|pair| pair[0].0 < pair[1].0));
    for asset in Asset::all() {
        assert_eq!(Asset::find(asset.code()), Some(asset));
        assert!(asset.code().len() <= CODE_LEN_MAX && asset.exponent() <= 8);
    }
}

#[test]
fn known_exponents() {
    for (code, exponent) in
        [("JPY", 0), ("USD", 2), ("TUSDT", 2), ("KWD", 3), ("CLF", 4), ("USDC", 6)]
    {
        assert_eq!(Asset::find(code).map(Asset::exponent), Some(exponent), "{code}");
    }
    for code in ["usd", "", "US", "USDD", "USD\0", "TUSDTTUSD", "ZZZZZZZZ", "é"] {
        assert_eq!(Asset::find(code), None, "{code}");
    }
}
