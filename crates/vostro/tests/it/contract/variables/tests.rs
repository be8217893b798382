use super::*;
use serde_json::json;

#[test]
fn names_are_replaced_and_unknown_ones_told() {
    let mut variables = Variables::at(1_000);
    variables.set_all("made", &json!({ "id": "A", "rows": [{ "version": 7 }], "on": true }));
    let filled = variables.fill("{{made.id}}/{{made.rows.0.version}}/{{made.on}}");
    assert_eq!(filled, Ok("A/7/true".to_owned()));
    assert_eq!(variables.fill("{{now}} {{now-1}} {{now+1}}"), Ok("1000 999 1001".to_owned()));
    let stamps = variables.fill("{{stamp}} {{stamp-1}} {{stamp+3600}}");
    assert_eq!(stamps, Ok("19700101000001 19700101000000 19700101010001".to_owned()));
    assert_eq!(variables.fill("{{filler:3}}"), Ok("xxx".to_owned()));
    // Nothing but a name in two braces on both sides is one.
    assert_eq!(variables.fill(r#"{"a":{"b":{}}} {{"#), Ok(r#"{"a":{"b":{}}} {{"#.to_owned()));
    for unknown in ["{{made}}", "{{nowhere}}", "{{now*2}}", "{{stamps}}", "{{}}", "{{filler:x}}"] {
        assert!(variables.fill(unknown).is_err(), "{unknown}");
    }
}
