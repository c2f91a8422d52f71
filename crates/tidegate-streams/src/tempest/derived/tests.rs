use super::*;

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "found {found}, expected {expected}"
    );
}

#[test]
fn dry_mountain_air_gives_the_values_the_platform_recorded_for_it() {
    // A recorded answer of the platform: 10.5 C, 22 %, 782.8 mb at 2063 m, no sun.
    near(dew_point_c(10.5, 22.0), -10.4, 0.1);
    near(wet_bulb_c(10.5, 22.0, 782.8), 2.1, 0.1);
    near(wet_bulb_globe_c(10.5, 2.1, 6.0, 1.4), 4.6, 0.1);
    // The platform counts the sensor's height above ground (1.83 m) to the station's elevation.
    near(sea_level_pressure_mb(782.8, 2063.15 + 1.83), 1006.2, 0.05);
    near(air_density_kg_m3(10.5, 782.8), 0.96139, 0.0001);
}

#[test]
fn saturated_air_has_its_dew_point_and_wet_bulb_at_its_temperature() {
    near(dew_point_c(15.0, 100.0), 15.0, 1e-9);
    near(wet_bulb_c(15.0, 100.0, 1000.0), 15.0, 1e-6);
}

#[test]
fn the_heat_index_follows_the_published_table() {
    // NWS table: 90 F at 70 % is 106 F (105.9); 86 F at 90 % is 105 F.
    near(heat_index_c((90.0 - 32.0) / 1.8, 70.0), (105.9 - 32.0) / 1.8, 0.1);
    near(heat_index_c((86.0 - 32.0) / 1.8, 90.0), (105.4 - 32.0) / 1.8, 0.4);
    assert_eq!(heat_index_c(26.6, 90.0), 26.6);
    assert_eq!(heat_index_c(35.0, 39.0), 35.0);
}

#[test]
fn the_wind_chill_follows_the_published_table() {
    // NWS chart: 0 F at 15 mph is -19 F. Environment Canada: -10 C at 30 km/h is -20 C.
    near(wind_chill_c(-17.78, 15.0 * 0.44704), (-19.4 - 32.0) / 1.8, 0.3);
    near(wind_chill_c(-10.0, 30.0 / 3.6), -19.5, 0.5);
    assert_eq!(wind_chill_c(10.1, 20.0), 10.1);
    assert_eq!(wind_chill_c(0.0, 1.3), 0.0);
}

#[test]
fn mild_air_feels_like_itself() {
    assert_eq!(feels_like_c(18.0, 50.0, 5.0), 18.0);
}

#[test]
fn pressure_at_sea_level_is_left_as_it_is() {
    near(sea_level_pressure_mb(1013.25, 0.0), 1013.25, 1e-9);
}
