//! Pages by number, as vendors have them. (Our own lists page by cursor; a door translates.)

/// What a door allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    pub size_default: u64,
    pub size_max: u64,
    /// The last row that a list reaches by number. Rows are skipped by counting them, so a deep
    /// page costs as much as all pages before it.
    pub depth_max: u64,
}

/// Why there is no such page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageFault {
    #[error("pages are counted from 1")]
    Page,
    #[error("the page size is out of range")]
    Size,
    #[error("the page is deeper than lists go")]
    TooDeep,
}

/// A page that exists, though it may be empty. Nothing of it overflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageNumber {
    page: u64,
    size: u64,
}

impl PageNumber {
    /// `None` is the first page, and the default size.
    pub fn new(
        page: Option<u64>,
        size: Option<u64>,
        limits: &PageLimits,
    ) -> Result<Self, PageFault> {
        let (page, size) = (page.unwrap_or(1), size.unwrap_or(limits.size_default));
        if page == 0 {
            return Err(PageFault::Page);
        }
        if size == 0 || size > limits.size_max {
            return Err(PageFault::Size);
        }
        match page.checked_mul(size) {
            Some(last) if last <= limits.depth_max => Ok(Self { page, size }),
            _ => Err(PageFault::TooDeep),
        }
    }

    /// Counted from 1.
    pub const fn page(self) -> u64 {
        self.page
    }

    /// Rows of a page.
    pub const fn size(self) -> u64 {
        self.size
    }

    /// Rows before the page.
    pub const fn skip(self) -> u64 {
        (self.page - 1) * self.size
    }

    /// Pages of a list of `rows` rows; an empty list has none.
    pub const fn pages_of(self, rows: u64) -> u64 {
        rows.div_ceil(self.size)
    }
}

#[cfg(test)]
mod tests {
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
}
