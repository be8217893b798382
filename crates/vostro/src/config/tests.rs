use super::*;

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    Config::read(text, Path::new("test.toml"), environment)
}

#[test]
fn environment_over_file() {
    let text = "[server]\nlisten = \"a:1\"\nhttp_workers = 3\n";
    let config = read(
        text,
        &[("VOSTRO_SERVER_LISTEN", "b:2"), ("VOSTRO_LOG_FORMAT", "json"), ("HOME", "/x")],
    )
    .unwrap();
    assert_eq!(config.server.listen, "b:2");
    assert_eq!(config.server.http_workers.get(), 3);
    assert_eq!(config.log.format, LogFormat::Json);
    let proxies = [("VOSTRO_SERVER_TRUSTED_PROXIES", "[\"10.0.0.0/8\"]")];
    assert_eq!(read("", &proxies).unwrap().server.trusted_proxies, ["10.0.0.0/8"]);
}

#[test]
fn unknown_keys_are_refused() {
    for text in ["[server]\nlisten_on = \"a:1\"\n", "[servers]\n", "top = 1\n"] {
        let error = read(text, &[]).unwrap_err();
        assert!(matches!(error, ConfigError::Syntax { .. }), "{text}");
    }
    let error = read("", &[("VOSTRO_SERVER_LISTEN_ON", "a:1")]).unwrap_err();
    assert!(matches!(error, ConfigError::UnknownVariable { .. }));
    let error = read("", &[("VOSTRO_SERVER_HTTP_WORKERS", "many")]).unwrap_err();
    assert!(matches!(error, ConfigError::Invalid(_)));
    let error = read("[sweep]\nperiod_ms = 0\n", &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Syntax { .. }), "a sweep without a pause");
    let error = read("[webhooks]\nperiod_ms = 0\n", &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Syntax { .. }), "and deliveries without one");
}

#[test]
fn workers_are_at_least_one_and_no_mistyped_million() {
    for key in ["[server]\nhttp_workers", "[engine]\nworkers"] {
        for (count, taken) in [("1", true), ("256", true), ("0", false), ("257", false)] {
            let config = read(&format!("{key} = {count}\n"), &[]);
            assert_eq!(config.is_ok(), taken, "{key} = {count}");
        }
        let error = read(&format!("{key} = 0\n"), &[]).unwrap_err();
        let ConfigError::Syntax { source, .. } = error else { panic!("{key}: {error}") };
        assert!(source.to_string().contains("0 is not between 1 and 256"), "{source}");
    }
    assert_eq!(read("", &[]).unwrap().engine.workers, None);
    let environment = [("VOSTRO_ENGINE_WORKERS", "4")];
    assert_eq!(read("", &environment).unwrap().engine.workers.map(Workers::get), Some(4));
}

/// The list, the types and the document name the same keys.
#[test]
fn every_key_is_documented_and_known() {
    let document = include_str!("../../../../docs/configuration.md");
    for key in KEYS {
        assert!(document.contains(&format!("`{key}`")), "{key} is not in docs/configuration.md");
        assert!(document.contains(&variable(key)), "{} is not documented", variable(key));
        let (section, name) = key.split_once('.').unwrap();
        // A value of a wrong type is an error that knows the field; an unknown field is another.
        let error = read(&format!("[{section}]\n{name} = {{ wrong = true }}\n"), &[]);
        let error = format!("{:?}", error.unwrap_err());
        assert!(!error.contains("unknown field `{name}`"), "{key}: {error}");
    }
    let mut documented = document.split('`').filter(|word| {
        let known = |section: &str| word.starts_with(&format!("{section}."));
        [
            "server",
            "store",
            "secrets",
            "engine",
            "sweep",
            "webhooks",
            "keysecure",
            "wonder",
            "uqpay",
            "log",
        ]
        .into_iter()
        .any(known)
    });
    assert_eq!(documented.find(|word| !KEYS.contains(word)), None);
}
