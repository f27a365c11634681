use super::*;

/// The lines of the table that is kept by hand, each with its type's name.
fn facts() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut name = "";
    let lines = include_str!("facts.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(move |line| {
        let fact = line.strip_prefix('\t');
        name = if fact.is_none() { line } else { name };
        fact.map(|fact| (name, fact))
    })
}

#[test]
fn each_kind_has_a_type_and_is_found() {
    assert!(kinds().len() > 100 && kinds().is_sorted_by_key(|kind| (kind.api_version, kind.kind)));
    for own in kinds() {
        assert_eq!(kind(own.api_version, own.kind), Some(own));
        assert!(own.schema().field("metadata").is_some() || own.kind.ends_with("Review"), "{own:?}");
    }
}

#[test]
fn types_and_their_fields_are_in_order_and_found() {
    let names: Vec<_> = types().map(|of| of.name).collect();
    assert!(names.len() > 700 && names.is_sorted());
    for of in types() {
        assert!(std::ptr::eq(type_named(of.name).expect("it is listed"), of));
        assert!(of.fields.is_sorted_by_key(|field| field.name), "{}", of.name);
    }
}

#[test]
fn each_fact_is_about_a_field_that_exists_and_says_what_is_known() {
    let names: Vec<_> = facts().map(|(name, _)| name).collect();
    assert!(names.is_sorted(), "facts.txt is not in order");
    for (name, fact) in facts() {
        let of = type_named(name).unwrap_or_else(|| panic!("there is no type {name}"));
        let words: Vec<_> = fact.split(' ').collect();
        let field = of.field(words[0]).unwrap_or_else(|| panic!("{name} has no field {}", words[0]));
        match words[1..] {
            ["needed" | "written"] => assert!(field.facts.is_needed),
            ["needed-unless", other] => assert!(field.facts.is_needed && of.field(other).is_some(), "{name}: {fact}"),
            ["enum", ref values @ ..] => {
                assert_eq!(field.facts.values, values);
                let item = if let Shape::List(item) = &field.shape { item } else { &field.shape };
                assert_eq!(*item, Shape::Text, "{name}: {fact}");
            }
            ["keys", ref keys @ ..] => {
                let (item, _) = field.shape.fields().unwrap_or_else(|| panic!("{name}: {fact}: no list of mappings"));
                assert!(keys.iter().all(|key| item.field(key).is_some()), "{name}: {fact}");
            }
            ["default", ..] => assert!(field.facts.default.is_some()),
            _ => panic!("{name}: {fact}: what is that?"),
        }
    }
}

#[test]
fn fields_know_their_versions_meaning_and_defaults() {
    let pod = type_named("core.v1.PodSpec").expect("it is listed");
    let new = pod.field("hostnameOverride").expect("it is listed");
    assert_eq!(new.versions, Versions { oldest: 34, newest: 37 });
    assert_eq!(pod.field("hostname").map(|field| field.versions), Some(KNOWN));
    assert!(pod.description_of("containers").is_some_and(|text| text.starts_with("List of containers")));
    let deployment = kind("apps/v1", "Deployment").expect("it is listed").schema();
    assert!(deployment.description().is_some_and(|text| text.starts_with("Deployment enables")));
    let spec = type_named("apps.v1.DeploymentSpec").expect("it is listed");
    assert_eq!(spec.field("replicas").and_then(|field| field.facts.default), Some("1"));
    assert_eq!(pod.field("containers").map(|field| field.facts.keys), Some(&["name"][..]));
}

#[test]
fn versions_outside_of_others_are_told() {
    let versions = |oldest, newest| Versions { oldest, newest };
    assert_eq!(versions(33, 37).outside(versions(34, 37)), Some(versions(33, 33)));
    assert_eq!(versions(33, 34).outside(versions(36, 37)), Some(versions(33, 34)));
    assert_eq!(versions(33, 37).outside(versions(33, 35)), Some(versions(36, 37)));
    assert_eq!(versions(34, 36).outside(versions(33, 37)), None);
    assert_eq!((versions(25, 30).known(), versions(36, 37).to_string()), (versions(33, 33), "1.36 to 1.37".into()));
}
