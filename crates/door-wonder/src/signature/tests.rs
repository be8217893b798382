use super::*;
use data_encoding::BASE64;
use std::collections::BTreeSet;
use vault::signature::VerifyingKey;

/// Its private half is not kept.
const KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsXeyvk5pnHUELrBKLeA+
GqvGa4TCvC6abeJzSeBwfS6C7vm1ywRkU3HOxA5QKOZzMWf8068cjIHDdG1u/VPc
Lv5b6ypDAfjSTXrIYjhjmqIzCoZIeKmMdu8ph+zFysCCTZrrSxlB994WgRGa/h9C
wlm6CqmIAb7GsFw/2a2L+2c+0ZVcpUurxfNB+am22+q+WYnnm9GQ+7djPiZN4pZ/
VO6/4gUwIJ+AJqs+q7RRDhuGop5o/XROtgXID/G62LBaEMzl43DMPiM46pFV/3sH
m8WtOipftIvak6BVvPY0DbpwOihpsPgpY2RKGFbuwtWGGV0FRToqTKrIDB/63OBA
mwIDAQAB
-----END PUBLIC KEY-----
";

const BODY: &str = concat!(
    r#"{"sender_party":{"user_id":"ccb95b25-e942-4a69-b800-aafd3313bb28","#,
    r#""reference_id":"u-1001","document_type":"PASSPORT","document_number":"X0000001"},"#,
    r#""receiver_party":{"user_id":"bb9c2a80-cbfa-498f-9b4a-772a860d1390","#,
    r#""reference_id":"u-1002","document_type":"ID_CARD","document_number":"Y0000002"},"#,
    r#""currency":"USD","amount":"1","remark":"test 1 usd","#,
    r#""ref_id":"21ae8272-4f67-4cce-8445-2e0acfe7947c"}"#,
);

struct Vector {
    request: Request<'static>,
    digest: &'static str,
    /// Base64 in parts.
    signature: [&'static str; 4],
}

/// A call with a body.
const A: Vector = Vector {
    request: Request {
        nonce: "a1B2c3D4e5F6g7H8",
        time: "20250606031230",
        method: "POST",
        target: "/svc/ts/api/v1/openapi/platform_transfer",
        body: BODY.as_bytes(),
    },
    digest: "c57cf585552c83457e8ed2b093e44d849eed1ee254767283cbaa6c82316b03cb",
    signature: [
        "GlGEMvMXazwjfYnZzlwlQNpM1UNKWrvMO7sXtTT5D/eQsWACm3N6sQdHxpHc1U8WwfFhuQdRpkDMT0xBTKRIqMJM",
        "cwhMM1Q2yWAsApV3wHiAFLNvnW2mdUd7orCdxRaZowHB3uJiduGFv01AI6b/xiTBa7Fko7J0JlVZCQklD96rO0RW",
        "M5i4gC2bKAFbRk5cLwKzY/AQV6MD/i3SfmHD8L6M9PyLPxdo4PvUqJmVsaXSmyjVO74NTp5iKVAY8rSo71yjB70P",
        "6hvZnZiE3YBSobvrQLdkFf+ky18GOsSpBu4rANNFy4xYIQAySuU3k7btIJZKEYIWSsbwlOJdReF1mA==",
    ],
};

/// One with a query and no body.
const B: Vector = Vector {
    request: Request {
        method: "GET",
        target: "/svc/ts/api/v1/openapi/transactions?offset=0&limit=10",
        body: b"",
        ..A.request
    },
    digest: "2945ff9e39c5184ee45e5fd3d2583ff1acfa75c9e9f54c7eb584ce2c3341fa76",
    signature: [
        "Wv5EFqI4coBpyk4Uy/d4wRPHWHwbt7/lbxDIO6ivJO/jJz6meqbOpVPMqBkbit4M1QoSbTXOxtVtMdFS9vCXcj3n",
        "ukQfHazpjL0vXdiI3GbGdusbmfo+Iw40lxSuIXdA7arwlfbTeUNOvJ6aB8ivcxPblo1d1524ro4czzzXGOzftXBQ",
        "hT+WVz/BHgSUJdk3DY3mDCf5v84lK1no0bfFa+hs+NunWk4sV4S9RyszFwJoxGT60bEMYek3STyfzaGjQWP3HPaH",
        "lAl1nXwT64lkUXL/CKI1YNZgYjYLOmb6IuTGO7gz8HXH0OM3M4ZSQ2qzD5u4G4Q1aQH7SY/qwBlgJQ==",
    ],
};

/// The other way round, where the platform signs and the merchant verifies.
const C: Vector = Vector {
    request: Request {
        nonce: "Z9y8X7w6V5u4T3s2",
        time: "20250606031231",
        method: "POST",
        target: "/hooks/wonder?src=stg",
        body: br#"{"ping":true}"#,
    },
    digest: "95b72bfabc991a6b629285caa4b4d16a06bf21a21fe28c003b37b6f2bcc65de5",
    signature: [
        "WoqTznxfRGm1IPraq5AXq2gN1EaIOlV7B5BpSNcArVFH0amMlW9zmpLOZwX6AZ0uRhz6QT9IRRaKpf2gMaXmS+gH",
        "9cPKFxKrnacI608E0Xlrwjgif+giJBw8MeaQpEE7DkCt0STRxsGXi1BqqgfE+8jKZesBzKWeRW5yhUffKKsKT0sV",
        "HD8GSmbA95OG5ihcWJOspZFeM3hY3u37gq541hzAQ2JzNkpbrcJ7zAMwBxi2MVt/W5hH0+5knhW6R3zTm4KWb0F/",
        "lgTlF5KkuzZF4vclqCuhm4Wm1CY7fZ8aBRmPNu8C1DOBVMKneVIuqC2Az1GkS8/K26h1mI06TfexAQ==",
    ],
};

impl Vector {
    fn signature(&self) -> Vec<u8> {
        BASE64.decode(self.signature.concat().as_bytes()).unwrap()
    }
}

fn verifies(request: &Request<'_>, signature: &[u8]) -> bool {
    let key = VerifyingKey::from_pem(KEY).unwrap();
    key.verify(digest(request).as_bytes(), signature)
}

#[test]
fn the_vectors_verify() {
    assert_eq!(BODY.len(), 394);
    for vector in [A, B, C] {
        assert_eq!(digest(&vector.request), vector.digest);
        assert!(verifies(&vector.request, &vector.signature()));
    }
}

/// A signature of one request is none of another.
#[test]
fn each_vector_is_of_its_own_request() {
    for (at, vector) in [A, B, C].iter().enumerate() {
        for (other, signed) in [A, B, C].iter().enumerate() {
            assert_eq!(verifies(&vector.request, &signed.signature()), at == other);
        }
    }
}

/// All texts that differ from one in one byte, whose lowest bit is another.
fn spoilt(text: &str) -> impl Iterator<Item = String> {
    (0..text.len()).map(|at| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1;
        String::from_utf8(bytes).unwrap()
    })
}

#[test]
fn each_byte_counts() {
    let (request, signature) = (A.request, A.signature());
    let mut tried = 0;
    let mut refused = |request: Request<'_>| {
        assert!(!verifies(&request, &signature), "{request:?}");
        tried += 1;
    };
    for method in spoilt(request.method) {
        refused(Request { method: &method, ..request });
    }
    for target in spoilt(request.target) {
        refused(Request { target: &target, ..request });
    }
    for body in spoilt(BODY) {
        refused(Request { body: body.as_bytes(), ..request });
    }
    for time in spoilt(request.time) {
        refused(Request { time: &time, ..request });
    }
    for nonce in spoilt(request.nonce) {
        refused(Request { nonce: &nonce, ..request });
    }
    // One byte more or less, and one that moves from one part into the next.
    refused(Request { body: &request.body[1..], ..request });
    refused(Request { body: &[request.body, b"\n"].concat(), ..request });
    refused(Request { body: b"", ..request });
    refused(Request { nonce: "a1B2c3D4e5F6g7H82", time: "0250606031230", ..request });
    refused(Request { target: "/svc/ts/api/v1/openapi/platform_transfer?", ..request });
    assert_eq!(tried, 4 + 40 + 394 + 14 + 16 + 5);
}

#[test]
fn each_byte_of_the_signature_counts() {
    let mut signature = A.signature();
    for at in 0..signature.len() {
        signature[at] ^= 1;
        assert!(!verifies(&A.request, &signature), "byte {at}");
        signature[at] ^= 1;
    }
    assert!(!verifies(&A.request, &signature[1..]));
    assert!(!verifies(&A.request, &[]));
    assert!(verifies(&A.request, &signature));
}

/// Also of the query alone, which is a part of the target.
#[test]
fn a_query_is_signed_as_it_was_sent() {
    let signature = B.signature();
    for target in [
        "/svc/ts/api/v1/openapi/transactions",
        "/svc/ts/api/v1/openapi/transactions?limit=10&offset=0",
        "/svc/ts/api/v1/openapi/transactions?offset=0&limit=11",
        "/svc/ts/api/v1/openapi/transactions?offset=0&limit=%31%30",
        "/ts/api/v1/openapi/transactions?offset=0&limit=10",
    ] {
        assert!(!verifies(&Request { target, ..B.request }, &signature), "{target}");
    }
}

#[test]
fn the_method_is_signed_in_capitals() {
    assert_eq!(digest(&Request { method: "post", ..A.request }), A.digest);
    assert_eq!(digest(&Request { method: "Get", ..B.request }), B.digest);
}

#[test]
fn an_empty_body_adds_nothing_and_one_of_blanks_may_be_either() {
    assert_eq!(digests(&B.request), [B.digest]);
    assert_eq!(digests(&A.request), [A.digest]);
    for body in [" ", "\n", " \t\r\n ", "  "] {
        let request = Request { body: body.as_bytes(), ..B.request };
        let texts = digests(&request);
        assert_eq!(texts, [digest(&request), B.digest.to_owned()], "{body:?}");
        assert_ne!(texts[0], texts[1]);
    }
    // What is no blank of JSON, and what has more than blanks.
    for body in ["\u{a0}", " {", "\0"] {
        assert_eq!(digests(&Request { body: body.as_bytes(), ..B.request }).len(), 1, "{body:?}");
    }
}

#[test]
fn it_is_a_text_of_64_characters() {
    let nonces = ["", "n", "a nonce that is longer than one block of the hash, which has 64 bytes"];
    let texts: BTreeSet<_> =
        nonces.into_iter().map(|nonce| digest(&Request { nonce, ..A.request })).collect();
    assert_eq!(texts.len(), nonces.len());
    let shaped = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    assert!(texts.iter().all(|text| text.len() == 64 && text.bytes().all(shaped)));
}
