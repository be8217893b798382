use super::*;

#[test]
fn a_secret_does_not_print() {
    let secret = Secret::new("4111111111111111".to_owned());
    assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[secret] Some([secret])");
    assert_eq!(secret.clone().expose(), "4111111111111111");
}
