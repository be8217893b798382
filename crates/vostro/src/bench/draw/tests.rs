use super::*;

fn drawn(skew: Skew, count: u32) -> Vec<u32> {
    let (draw, mut rng) = (Draw::new(skew, count), fastrand::Rng::with_seed(1));
    let mut counts = vec![0; count as usize];
    for _ in 0..100_000 {
        counts[draw.next(&mut rng) as usize] += 1;
    }
    counts
}

#[test]
fn everybody_gets_a_share() {
    for counts in [drawn(Skew::Uniform, 10), drawn(Skew::Uniform, 1), drawn(Skew::Zipf, 1)] {
        let fair = 100_000 / u32::try_from(counts.len()).unwrap();
        assert!(counts.iter().all(|count| count.abs_diff(fair) < fair / 10 + 1), "{counts:?}");
    }
    assert_eq!(drawn(Skew::Hot, 3), [100_000, 0, 0]);
}

#[test]
fn the_second_has_half_of_the_first() {
    let counts = drawn(Skew::Zipf, 100);
    for at in [2, 3, 5, 10] {
        let share = counts[0] / u32::try_from(at).unwrap();
        assert!(counts[at - 1].abs_diff(share) < share / 5, "{at}: {counts:?}");
    }
    assert!(counts.iter().all(|count| *count > 0));
}
