use super::*;

const WHOLE: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length:  12 \r\n\
                       date: x\r\n\r\n{\"code\":0,1}NEXT";

#[test]
fn an_answer_is_read_once_it_is_whole() {
    let body = WHOLE.len() - "NEXT".len();
    for cut in 0..body {
        assert_eq!(read(&WHOLE[..cut]), Ok(None), "{cut}");
    }
    for cut in body..=WHOLE.len() {
        let answer = read(&WHOLE[..cut]).unwrap().unwrap();
        assert_eq!(answer, Answer { status: 200, body: body - 12..body });
        assert_eq!(&WHOLE[answer.body], b"{\"code\":0,1}");
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    for (text, expected) in [
        ("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", BadAnswer::Version),
        ("HTTP/1.1 2x0 OK\r\ncontent-length: 0\r\n\r\n", BadAnswer::Status),
        ("HTTP/1.1 20\r\n\r\n", BadAnswer::Status),
        ("HTTP/1.1 200 OK\r\n\r\n", BadAnswer::Length),
        ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", BadAnswer::Length),
        ("HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n", BadAnswer::Length),
        ("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n", BadAnswer::Length),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", BadAnswer::Length),
    ] {
        assert_eq!(read(text.as_bytes()), Err(expected), "{text}");
    }
}

#[test]
fn only_code_0_with_status_200_is_a_success() {
    for (status, body, expected) in [
        (200, r#"{"code":0,"msg":"ok"}"#, Ok(())),
        (200, r#"{"msg":"ok","code":0}"#, Ok(())),
        (500, r#"{"code":0,"msg":"ok"}"#, Err("status 500, code 0: ok")),
        (200, r#"{"code":3002,"msg":"no"}"#, Err("status 200, code 3002: no")),
        (503, r#"{"code":10,"msg":"busy"}"#, Err("status 503, code 10: busy")),
        (404, "gone", Err("status 404 without an envelope")),
    ] {
        assert_eq!(outcome(status, body.as_bytes()), expected.map_err(str::to_owned), "{body}");
    }
}
