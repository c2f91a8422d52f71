use tidegate_gateway::inspect::grovestreams::RESERVED;
use tidegate_streams::FEED_PARAMETERS_RESERVED;

/// The gate counts as samples of a query exactly those that the embedded API stores of it.
#[test]
fn the_gate_and_the_api_inside_take_the_same_parameters_for_no_streams() {
    let mut at_the_gate = RESERVED.to_vec();
    let mut inside = FEED_PARAMETERS_RESERVED.to_vec();
    // `&=1` has no name: inside it is a mistake, and no sample either.
    inside.push("");
    at_the_gate.sort();
    inside.sort();
    assert_eq!(at_the_gate, inside);
}
