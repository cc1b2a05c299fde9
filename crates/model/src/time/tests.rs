use proptest::prelude::*;

use super::*;

fn tokyo() -> Reckoning {
    Reckoning {
        now: "2026-11-24T05:05:12Z".parse().expect("a time"),
        review: ReviewSchedule {
            zone: TimeZone::posix("JST-9").expect("a zone"),
            ..ReviewSchedule::default()
        },
    }
}

fn parse(text: &str) -> Result<String, String> {
    tokyo().parse(text).map(|t| t.to_string()).map_err(|e| e.to_string())
}

#[test]
fn each_way_to_write_a_moment() {
    let read = |text| parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(read("2026-11-20T15:00:00+09:00"), "2026-11-20T06:00:00Z");
    assert_eq!(read("2026-11-20T15:00:00 09:00"), "2026-11-20T06:00:00Z", "a plus that became a space");
    assert_eq!(read("2026-11-20T06:00:00.5Z"), "2026-11-20T06:00:00.5Z");
    assert_eq!(read("2026-11-20"), "2026-11-19T15:00:00Z", "the day starts in the review's zone");
    assert_eq!(read("2026-11-20T15:00"), "2026-11-20T06:00:00Z", "a date field sends the time on the wall");
    assert_eq!(read("2026-W47"), "2026-11-20T06:00:00Z");
    assert_eq!(read("-7d"), "2026-11-17T05:05:12Z");
    assert_eq!(read("-90m"), "2026-11-24T03:35:12Z");
    assert_eq!(read("-2w"), "2026-11-10T05:05:12Z");
    assert_eq!(
        read("2026-11-24T05:05:40Z"),
        "2026-11-24T05:05:12Z",
        "half a minute ahead is a clock that differs"
    );
}

#[test]
fn what_is_wrong_is_said_with_examples() {
    for text in [
        "",
        "yesterday",
        "-",
        "-d",
        "-7",
        "-7y",
        "--7d",
        "-+7d",
        "2026-11",
        "2026-W4",
        "20261120",
        "2026-11-20T15:00+9:0",
        "-٣d",
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.contains("2026-W47") && error.contains("-90m"), "{text}: {error}");
    }
    assert!(parse("2026-02-30").expect_err("no such day").contains("no such day"));
    assert!(parse("2026-W54").expect_err("no such week").contains("no such week"));
    assert!(parse("2027-01-01").expect_err("future").contains("future"));
    assert!(parse("2026-W48").expect_err("not held yet").contains("future"));
    assert_eq!(tokyo().parse("-99999999999d"), Err(BadMoment::TooOld));
    assert_eq!(tokyo().parse("1969-12-31T00:00:00Z"), Err(BadMoment::TooOld));
}

#[test]
fn the_last_review_is_the_last_freeze() {
    let review = tokyo().review;
    let last = |at: &str| review.last_at_or_before(at.parse().expect("a time")).to_string();
    assert_eq!(last("2026-11-24T05:05:12Z"), "2026-11-20T06:00:00Z");
    assert_eq!(last("2026-11-20T06:00:00Z"), "2026-11-20T06:00:00Z");
    assert_eq!(last("2026-11-20T05:59:59Z"), "2026-11-13T06:00:00Z");
    assert_eq!(review.week_of("2026-11-20T06:00:00Z".parse().expect("a time")).to_string(), "2026-W47");
    assert_eq!(review.week_of("2026-11-20T06:00:01Z".parse().expect("a time")).to_string(), "2026-W48");
}

proptest! {
    #[test]
    fn no_text_ends_anything(text in ".{0,40}") {
        if let Ok(moment) = tokyo().parse(&text) {
            prop_assert!(moment <= tokyo().now);
        }
    }

    #[test]
    fn a_week_freezes_within_itself(seconds in 0_i64..1_790_000_000) {
        let review = tokyo().review;
        let moment = Timestamp::from_second(seconds).expect("a time");
        let week = review.week_of(moment);
        let freeze = review.freeze(week).expect("a real week");
        prop_assert!(freeze >= moment && freeze.duration_since(moment) <= SignedDuration::from_hours(24 * 7));
        prop_assert_eq!(week.to_string().parse::<Week>().expect("round trip"), week);
    }
}
