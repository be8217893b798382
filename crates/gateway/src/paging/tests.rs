use super::*;

const LIMITS: PageLimits = PageLimits { size_default: 10, size_max: 100, depth_max: 10_000 };

#[test]
fn pages_within_bounds() {
    for (page, size, skip) in [
        (None, None, Ok(0)),
        (Some(2), None, Ok(10)),
        (Some(3), Some(7), Ok(14)),
        (Some(100), Some(100), Ok(9_900)),
        (Some(10_000), Some(1), Ok(9_999)),
        (Some(0), None, Err(PageFault::Page)),
        (None, Some(0), Err(PageFault::Size)),
        (None, Some(101), Err(PageFault::Size)),
        (Some(101), Some(100), Err(PageFault::TooDeep)),
        (Some(u64::MAX), Some(100), Err(PageFault::TooDeep)),
        (Some(u64::MAX), Some(1), Err(PageFault::TooDeep)),
    ] {
        let made = PageNumber::new(page, size, &LIMITS);
        assert_eq!(made.map(PageNumber::skip), skip, "{page:?} {size:?}");
    }
}

#[test]
fn number_of_pages() {
    let page = PageNumber::new(None, None, &LIMITS).unwrap();
    for (rows, pages) in [(0, 0), (1, 1), (10, 1), (11, 2), (u64::MAX, u64::MAX / 10 + 1)] {
        assert_eq!(page.pages_of(rows), pages);
    }
}
