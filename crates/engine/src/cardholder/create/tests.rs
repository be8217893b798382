use super::day;
use domain::time::Time;

#[test]
fn days() {
    for (ms, text) in [
        (0, "19700101"),
        (1_716_307_200_000, "20240521"),
        (951_782_400_000, "20000229"),
        (4_102_444_799_999, "20991231"),
        (-1, "19691231"),
    ] {
        assert_eq!(day(Time::from_unix_ms(ms).expect("in range")), text);
    }
}
