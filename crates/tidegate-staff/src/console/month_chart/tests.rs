use super::*;

fn day(day: &str, transactions: u64, refused: u64) -> DayRow {
    DayRow {
        day: day.to_owned(),
        sums: SumsRow {
            transactions,
            refused,
            ..SumsRow::default()
        },
    }
}

#[test]
fn every_day_of_the_month_has_its_place_and_days_to_come_are_empty() {
    let days = vec![day("2026-02-01", 10, 0), day("2026-02-03", 15, 5)];
    let total = SumsRow::total(days.iter().map(|row| row.sums));
    let picture = MonthChart::of("2026-02", days, total).unwrap();
    let heights: Vec<u32> = picture
        .bars
        .bars
        .iter()
        .map(|bar| bar.height + bar.part_height)
        .collect();
    assert_eq!((heights.len(), &heights[..4]), (28, &[50, 0, 100, 0][..]));
    assert_eq!((picture.bars.bars[2].part_height, picture.bars.top), (25, 20));
    assert_eq!((picture.axis, picture.ended, picture.untold), ([1, 14, 28], 30, 0));
    assert_eq!(picture.rows[0].day, "2026-02-03", "the newest first");
}

#[test]
fn what_no_day_tells_of_is_said_and_a_month_without_days_has_no_picture() {
    let total = day("", 100, 20).sums;
    let picture = MonthChart::of("2026-11", vec![day("2026-11-30", 40, 0)], total).unwrap();
    assert_eq!(picture.untold, 80);
    assert!(MonthChart::of("2026-11", Vec::new(), total).is_none());
    assert!(MonthChart::of("soon", Vec::new(), total).is_none());
}
