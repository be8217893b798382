use super::*;

#[test]
fn only_own_words_of_a_path_are_written() {
    for (path, shape) in [
        ("/", "/"),
        ("/open-api/v1/account/transfer", "/open-api/v1/account/transfer"),
        ("/open-api/v1/account/U202605220001/info", "/open-api/v1/account/*/info"),
        ("/v1/cards/e91b8362-7e80-4606-b4a5-93ea8639b40e", "/v1/cards/*"),
        ("/v1/cards/4111111111111111", "/v1/cards/*"),
        ("/pci/abcdefghijklmnopqrstuvwxyzabcdefg", "/pci/*"),
        ("/x/%0Aforged", "/x/*"),
        ("/v123/vx/V1", "/*/vx/*"),
        ("//", "//"),
    ] {
        assert_eq!(PathShape(path).to_string(), shape);
    }
}
