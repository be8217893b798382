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
mod tests;
