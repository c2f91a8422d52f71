use super::*;

fn check(query: &str, quantity: Quantity, metric: f64, expected: f64) {
    let units = Units::from_query(&Query::parse(Some(query)).unwrap()).unwrap();
    let found = units.convert(quantity, metric);
    assert!(
        (found - expected).abs() < 1e-3,
        "{query}: found {found}, expected {expected}"
    );
}

#[test]
fn values_come_in_the_units_asked_for() {
    check("", Quantity::Temperature, 21.5, 21.5);
    check("units_temp=f", Quantity::Temperature, 100.0, 212.0);
    check("units_temp=f", Quantity::TemperatureDelta, 10.0, 18.0);
    check("units_wind=mph", Quantity::Wind, 10.0, 22.369);
    check("units_wind=kph", Quantity::Wind, 10.0, 36.0);
    check("units_wind=kts", Quantity::Wind, 10.0, 19.438);
    check("units_wind=lfm", Quantity::Wind, 1.0, 196.850);
    check("units_wind=bft", Quantity::Wind, 12.0, 6.0);
    check("units_wind=bft", Quantity::Wind, 40.0, 12.0);
    check("units_pressure=inhg", Quantity::Pressure, 1013.25, 29.921);
    check("units_pressure=mmhg", Quantity::Pressure, 1013.25, 760.0);
    check("units_precip=in", Quantity::Precip, 25.4, 1.0);
    check("units_distance=mi", Quantity::Distance, 1.609344, 1.0);
    check("units_temp=f", Quantity::Plain, 7.0, 7.0);
}

#[test]
fn an_unknown_unit_is_refused_with_those_that_are_known() {
    let query = Query::parse(Some("units_temp=k")).unwrap();
    assert_eq!(
        Units::from_query(&query).unwrap_err().to_string(),
        "parameter units_temp: found \"k\", expected one of c, f"
    );
}
