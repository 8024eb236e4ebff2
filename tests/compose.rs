//! The container files name only commands, options and variables that the binary has. Containers themselves are not run here.

use std::process::Command;

fn help(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_letopis")).args(args).arg("--help").output().unwrap();
    assert!(output.status.success(), "letopis {args:?} --help");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn commands_and_options_exist() {
    let compose = std::fs::read_to_string("docker-compose.yml").unwrap();
    let mut found = 0;
    for line in compose.lines().map(str::trim) {
        let list = line.strip_prefix("command: ").or_else(|| line.strip_prefix("test: "));
        let Some(list) = list else { continue };
        let list: Vec<String> = serde_json::from_str(list).unwrap();
        let words: Vec<&str> = list.iter().map(String::as_str).collect();
        let words = match words.as_slice() {
            ["CMD", "letopis", rest @ ..] => rest,
            ["CMD-SHELL" | "-js", ..] => continue,
            own => own,
        };
        let help = help(&words[..1]);
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "{words:?}: there is no {option}");
        }
        found += 1;
    }
    assert_eq!(found, 3, "migrate, serve and ready");
    let docker = std::fs::read_to_string("Dockerfile").unwrap();
    assert!(docker.contains(r#"CMD ["serve"]"#));
}

#[test]
fn variables_exist_and_secrets_do_not() {
    let compose = std::fs::read_to_string("docker-compose.yml").unwrap();
    let sources: String = ["src/config.rs", "src/migrate.rs", "src/cli.rs"]
        .map(|path| std::fs::read_to_string(path).unwrap())
        .concat();
    for line in compose.lines().map(str::trim) {
        if let Some((name, value)) = line.split_once(": ").filter(|(name, _)| name.starts_with("LETOPIS_")) {
            assert!(sources.contains(&format!("\"{name}\"")), "nobody reads {name}");
            assert!(
                !value.contains("://") || value.contains("${") || value.starts_with("nats"),
                "{name} holds a secret"
            );
        }
    }
}
