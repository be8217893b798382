use crate::tests::{ACCOUNTS, BALANCES, BANKING, BANKING_LEDGER, Call, Fixture, LEDGER};

const LISTS: [&str; 6] = [ACCOUNTS, "/v1/rfis", BALANCES, LEDGER, BANKING, BANKING_LEDGER];

#[tokio::test]
async fn every_list_has_pages() {
    let fixture = Fixture::new().await;
    for path in LISTS {
        let first = fixture.get(path).await;
        let spelled = fixture.get(&format!("{path}?page_size=10&page_number=1")).await;
        assert_eq!(first.ok(), spelled.ok(), "{path}");
        let total = first.ok()["total_items"].as_u64().unwrap();
        assert_eq!(first.rows().len() as u64, total, "{path}");
        assert_eq!(first.ok()["total_pages"].as_u64(), Some(total.div_ceil(10)), "{path}");
        let single = fixture.get(&format!("{path}?page_size=1")).await;
        assert_eq!(single.ok()["total_pages"].as_u64(), Some(total), "{path}");
        assert_eq!(single.rows().len() as u64, total.min(1), "{path}");
        // What loops to the first empty page ends there.
        for (number, size) in [(total + 1, 1), (2, 100), (100, 100), (10_000, 1)] {
            let beyond = format!("{path}?page_number={number}&page_size={size}");
            let beyond = fixture.get(&beyond).await;
            assert!(beyond.rows().is_empty(), "{path}");
            assert_eq!(beyond.ok()["total_items"].as_u64(), Some(total), "{path}");
        }
        let empty = fixture.get(&format!("{path}?page_size=&page_number=&other=1")).await;
        assert_eq!(empty.ok(), first.ok(), "{path}");
    }
}

#[tokio::test]
async fn pages_that_do_not_exist() {
    let fixture = Fixture::new().await;
    for path in LISTS {
        for (query, field) in [
            ("page_size=0", "page_size"),
            ("page_size=101", "page_size"),
            ("page_size=-1", "page_size"),
            ("page_size=1.5", "page_size"),
            ("page_size=ten", "page_size"),
            ("page_size=%2B10", "page_size"),
            ("page_size=99999999", "page_size"),
            ("page_size=18446744073709551616", "page_size"),
            ("page_number=0", "page_number"),
            ("page_number=-1", "page_number"),
            ("page_number=x", "page_number"),
            ("page_number=9999999", "page_number"),
            ("page_number=101&page_size=100", "page_number"),
            ("page_number=0&page_size=0", "page_number"),
        ] {
            let answer = fixture.get(&format!("{path}?{query}")).await;
            if path.starts_with("/v1/issuing") {
                answer.is_bad(field);
            } else {
                answer.is_flat_bad(field);
            }
        }
        for query in ["page_size=10&page_size=10", "page_size=%zz", "x=%ff"] {
            let answer = fixture.ask(fixture.good(Call::get(&format!("{path}?{query}")))).await;
            assert_eq!(answer.status, 400, "{path} {query}");
        }
    }
}
