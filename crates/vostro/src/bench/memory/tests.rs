use super::*;

#[test]
fn the_peak_is_read_from_its_line() {
    let text = "Name:\tvostro\nVmPeak:\t  900 kB\nVmHWM:\t   12 kB\nVmRSS:\t   8 kB\n";
    assert_eq!(read(text), Some(12 * 1_024));
    assert_eq!(read("Name:\tvostro\n"), None);
    assert_eq!(read("VmHWM:\t many kB\n"), None);
}

#[test]
fn this_process_has_some() {
    let peak = peak_bytes(std::process::id());
    assert!(peak.is_some_and(|bytes| bytes > 0), "{peak:?}");
}
