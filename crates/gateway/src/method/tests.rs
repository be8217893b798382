use super::*;

#[test]
fn methods_have_their_words() {
    let words = [
        (Method::Get, "GET"),
        (Method::Post, "POST"),
        (Method::Put, "PUT"),
        (Method::Delete, "DELETE"),
    ];
    for (method, word) in words {
        assert_eq!(method.word(), word);
        assert_eq!(
            method.filter(),
            MethodFilter::try_from(word.parse::<http::Method>().unwrap()).unwrap()
        );
    }
}
