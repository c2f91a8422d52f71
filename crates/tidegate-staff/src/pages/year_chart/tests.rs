use super::*;

fn months(of: &[&str]) -> Vec<Month> {
    of.iter().map(|text| text.parse().unwrap()).collect()
}

fn sums(transactions: u64, refused: u64) -> Sums {
    Sums {
        transactions,
        refused,
        ..Sums::default()
    }
}

#[test]
fn a_month_without_usage_keeps_its_place_and_the_most_is_the_top() {
    let shown = months(&["2026-09", "2026-10", "2026-11"]);
    let year = Year::new(&shown, &[(shown[2], sums(30, 10)), (shown[0], sums(20, 0))]);
    let requests: Vec<_> = year.months.iter().map(MonthShown::requests).collect();
    assert_eq!((requests, year.top(), year.is_empty()), (vec![20, 0, 40], 40, false));
    let heights: Vec<_> = year.bars().map(|(bar, _)| (bar.height, bar.part_height)).collect();
    assert_eq!(heights, [(50, 0), (0, 0), (75, 25)]);
    let at = Some(shown[1]);
    let at: Vec<bool> = year.months.iter().map(|month| year.is_at(month, &at)).collect();
    assert_eq!(at, [false, true, false]);
}

#[test]
fn a_year_of_nothing_is_empty() {
    assert!(Year::new(&months(&["2026-11"]), &[]).is_empty());
}

#[test]
fn months_are_named_as_people_name_them() {
    let month = MonthShown {
        month: "2026-11".parse().unwrap(),
        sums: SumsRow::default(),
    };
    assert_eq!(
        (month.short(), month.name()),
        ("Nov".to_owned(), "November 2026".to_owned())
    );
}
