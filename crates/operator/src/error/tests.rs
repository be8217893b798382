use super::*;

fn all() -> Vec<Refusal> {
    let mut all: Vec<Refusal> = Vec::new();
    all.extend(ProgramRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(CredentialRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(SignatureKeyRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(EndpointRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(DeliveryRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(CardholderRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(SubAccountRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(InstructionRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(HoldRefusal::ALL.iter().map(|one| Refusal::from(*one)));
    all.extend(transfer::Refusal::ALL.iter().map(|one| Refusal::from(*one)));
    all
}

#[test]
fn a_word_means_the_same_wherever_it_comes_from() {
    let mut seen = std::collections::HashMap::new();
    for refusal in all() {
        let problem = of_refusal(refusal);
        assert_eq!(problem.code, refusal.word());
        if let Some(status) = seen.insert(problem.code, problem.status) {
            assert_eq!(status, problem.status, "{}", problem.code);
        }
    }
}

#[test]
fn statuses_follow_the_words() {
    for refusal in all() {
        let problem = of_refusal(refusal);
        let word = problem.code;
        let of_transfer = matches!(refusal, Refusal::Transfer(_));
        let expected = match word {
            _ if word.ends_with("_missing") && !of_transfer => StatusCode::NOT_FOUND,
            _ if word.ends_with("_already_exists") => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        assert_eq!(problem.status, expected, "{word}");
    }
}

#[test]
fn faults_of_the_engine() {
    for (error, status, code, retry) in [
        (Error::NotFound, 404, "not_found", None),
        (Error::Conflict, 422, "reference_conflict", None),
        (Error::Busy, 503, "busy", Some(1)),
        (Error::Stopping, 503, "unavailable", Some(5)),
        (Error::Unavailable, 503, "unavailable", Some(5)),
        (Error::Unknown, 503, "outcome_unknown", Some(1)),
        (Error::Store(engine::StoreError::Contention), 503, "busy", Some(1)),
        (Error::Store(engine::StoreError::Unavailable("disk".into())), 503, "unavailable", Some(5)),
        (Error::Denied(Denied::TokenStale), 500, "internal", None),
        (Error::Internal("a secret of the house"), 500, "internal", None),
    ] {
        let problem = Problem::from(error);
        assert_eq!((problem.status.as_u16(), problem.code), (status, code));
        assert_eq!(problem.retry_after_s, retry, "{code}");
        assert!(!problem.detail.contains("secret"));
    }
}

#[test]
fn faults_of_the_transport() {
    for (fault, status, code) in [
        (Fault::TooLarge, 413, "too_large"),
        (Fault::Malformed, 400, "bad_request"),
        (Fault::Timeout, 408, "timeout"),
        (Fault::NotFound, 404, "not_found"),
        (Fault::MethodNotAllowed, 405, "method_not_allowed"),
        (Fault::Internal, 500, "internal"),
        (Fault::Busy { retry_after_s: 7 }, 503, "busy"),
        (Fault::Unavailable, 503, "unavailable"),
        (Fault::Unknown, 503, "outcome_unknown"),
    ] {
        let answer = Problems.render(fault, None);
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(of_fault(fault).code, code);
    }
}

#[test]
fn causes_are_in_one_line() {
    let error = engine::StoreError::Unavailable("disk full".into());
    assert_eq!(Causes(&error).to_string(), "the store is not available: disk full");
}
