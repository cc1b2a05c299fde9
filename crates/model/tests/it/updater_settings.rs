//! Which settings of Image Updater hold, and where they come from.

use landfall_model::{
    Text,
    observe::{Application, ApplicationRef, Body, ImageUpdater, ObjectName, UpdaterSpec},
    updater::settings::{Found, Managed, Origin, Program, effective, specificity},
    words::Kind,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::reduce::fixtures;

fn name(namespace: &str, name: &str) -> ObjectName {
    ObjectName { namespace: namespace.into(), name: name.into() }
}

fn application(json: &Value) -> Application {
    match fixtures::body(Kind::Application, json) {
        Body::Application(app) => (*app).clone(),
        other => panic!("{other:?}"),
    }
}

fn updater(spec: &Value) -> ImageUpdater {
    let object =
        json!({"kind": "ImageUpdater", "metadata": {"name": "u", "namespace": "argocd"}, "spec": spec});
    match fixtures::body(Kind::ImageUpdater, &object) {
        Body::ImageUpdater(it) => (*it).clone(),
        other => panic!("{other:?}"),
    }
}

fn annotated(annotations: &Value) -> Application {
    let mut with = serde_json::Map::new();
    for (key, value) in annotations.as_object().expect("annotations") {
        with.insert(format!("argocd-image-updater.argoproj.io/{key}"), value.clone());
    }
    application(&json!({
        "metadata": {"name": "web-production", "namespace": "argocd", "annotations": with,
            "labels": {"team": "shop", "tier": "web"}},
        "spec": {}, "status": {"summary": {"images": ["registry.example/shop/web:1"]}},
    }))
}

/// What an object makes of `argocd/web-production`.
fn found(spec: &Value, annotations: &Value) -> Found {
    let object = name("argocd", "u");
    let updater = updater(spec);
    effective(Program::V1, &name("argocd", "web-production"), &annotated(annotations), [(&object, &updater)])
}

fn one(found: Found) -> Managed {
    assert_eq!(found.managed.len(), 1, "{:?}", found.tried);
    found.managed.into_iter().next().expect("one")
}

fn legacy(annotations: &Value) -> Managed {
    one(effective(Program::V0, &name("argocd", "web-production"), &annotated(annotations), []))
}

#[test]
fn the_recorded_object_manages_six_applications() {
    let file = "image-updater/imageupdater-end.json";
    let object = fixtures::observation(Kind::ImageUpdater, &fixtures::text(file));
    let Body::ImageUpdater(updater) = &object.body else { panic!("{object:?}") };
    let mut seen = Vec::new();
    for short in ["newest", "semver", "helm", "moving", "notes", "alpha"] {
        let file = format!("image-updater/application-iu-{short}-updated.json");
        let app = fixtures::observation(Kind::Application, &fixtures::text(&file));
        let Body::Application(body) = &app.body else { panic!("{app:?}") };
        let managed = one(effective(Program::V1, &app.name, body, [(&object.name, &**updater)]));
        let image = &managed.images[0];
        assert!(image.is_live(body), "{short}");
        assert!(image.shadowed.is_empty());
        seen.push((
            short,
            image.strategy.value.to_string(),
            image.constraint.to_string(),
            managed.write_back.method.value.to_string(),
            managed.from_annotations,
        ));
    }
    let expected = [
        ("newest", "newest-build", "", "argocd", false),
        ("semver", "semver", "1.x", "argocd", false),
        ("helm", "semver", "1.x", "argocd", false),
        ("moving", "digest", "main", "argocd", false),
        ("notes", "semver", "3.x", "argocd", true),
        ("alpha", "alphabetical", "", "git", false),
    ];
    let expected = expected.map(|(a, b, c, d, e)| (a, b.to_owned(), c.to_owned(), d.to_owned(), e));
    assert_eq!(seen, expected);
}

#[test]
fn image_goes_before_reference_before_spec_field_by_field() {
    let managed = one(found(
        &json!({
            "commonUpdateSettings": {"updateStrategy": "alphabetical", "allowTags": "regexp:^v", "platforms": ["linux/arm64"]},
            "writeBackConfig": {"method": "git:secret:argocd/creds", "gitConfig": {"branch": "main", "repository": "https://bot:x@git.example/d"}},
            "applicationRefs": [{
                "namePattern": "web-*",
                "commonUpdateSettings": {"updateStrategy": "newest-build", "ignoreTags": ["latest"]},
                "writeBackConfig": {"gitConfig": {"branch": "live"}},
                "images": [{"alias": "web", "imageName": "registry.example:5000/shop/web:~1.4",
                    "commonUpdateSettings": {"forceUpdate": true, "pullSecret": "hunter2"}}],
            }],
        }),
        &json!({}),
    ));
    let image = &managed.images[0];
    assert_eq!((&*image.repository, &*image.constraint), ("registry.example:5000/shop/web", "~1.4"));
    assert_eq!((&*image.strategy.value, &image.strategy.origin), ("newest-build", &Origin::Reference));
    assert_eq!((&*image.allow_tags.value, &image.allow_tags.origin), ("regexp:^v", &Origin::Spec));
    assert_eq!((image.force_update.value, &image.force_update.origin), (true, &Origin::Image));
    assert_eq!(image.ignore_tags.value, [Text::from("latest")]);
    assert_eq!(image.platforms.origin, Origin::Spec);
    assert_eq!(image.pull_secret.value.as_deref(), Some("(not shown)"), "what may be a secret is not kept");
    let write = &managed.write_back;
    assert_eq!((&*write.method.value, &write.method.origin), ("git:secret:argocd/creds", &Origin::Spec));
    assert_eq!((write.branch.value.as_deref(), &write.branch.origin), (Some("live"), &Origin::Reference));
    assert_eq!(write.repository.value.as_deref(), Some("https://git.example/d"));
    assert_eq!(image.policy(&[]).platforms, ["linux/arm64"]);
}

#[test]
fn a_default_that_an_old_crd_wrote_hides_the_outer_setting() {
    let with = |inner: Value| {
        let spec = json!({
            "commonUpdateSettings": {"updateStrategy": "newest-build", "forceUpdate": true},
            "applicationRefs": [{"namePattern": "*",
                "commonUpdateSettings": {"updateStrategy": "semver", "forceUpdate": false},
                "images": [{"imageName": "registry.example/shop/web", "commonUpdateSettings": inner}]}],
        });
        one(found(&spec, &json!({}))).images.remove(0)
    };
    let image = with(json!({"allowTags": "any", "updateStrategy": "semver", "forceUpdate": false}));
    assert_eq!((&*image.strategy.value, image.force_update.value), ("semver", false), "as the program does");
    let fields: Vec<_> = image.shadowed.iter().map(|it| (&*it.field, &*it.outer, &it.outer_at)).collect();
    assert_eq!(
        fields,
        [("updateStrategy", "newest-build", &Origin::Spec), ("forceUpdate", "true", &Origin::Spec)]
    );
    // Written by hand: an old CRD would have written the other field as well.
    assert!(with(json!({"updateStrategy": "semver"})).shadowed.is_empty());
    let chosen = with(json!({"updateStrategy": "alphabetical", "forceUpdate": false}));
    assert_eq!(chosen.shadowed.iter().map(|it| &*it.field).collect::<Vec<_>>(), ["forceUpdate"]);
}

#[test]
fn the_most_specific_reference_wins_and_one_that_cannot_be_read_is_passed_over() {
    let image = json!([{"imageName": "registry.example/shop/web"}]);
    let spec = json!({"applicationRefs": [
        {"namePattern": "*", "images": image},
        {"namePattern": "web-*", "images": image},
        {"namePattern": "w*", "images": image, "labelSelectors": {"matchLabels": {"team": "shop"},
            "matchExpressions": [{"key": "tier", "operator": "In", "values": ["web", "api"]}]}},
        {"namePattern": "web-production", "images": image, "writeBackConfig": {"method": "pigeon"}},
        {"namePattern": "web-production", "useAnnotations": true},
        {"namePattern": "web-staging", "images": image},
    ]});
    let all = found(&spec, &json!({}));
    let why: Vec<_> = all.tried.iter().map(|tried| tried.why.text.to_string()).collect();
    assert_eq!(
        why,
        [
            "write-back method pigeon does not exist",
            "the Application has no annotation image-list",
            "the name does not fit web-staging"
        ]
    );
    assert_eq!(one(all).name_pattern.as_deref(), Some("w*"), "the selector counts more than letters");
    let patterns = [("web", 1_000_003), ("web-*", 4), ("[abc]pp-?", 3), ("a[", 2), ("*", 0), ("é*", 2)];
    for (pattern, score) in patterns {
        assert_eq!(
            specificity(&ApplicationRef { name_pattern: pattern.into(), ..ApplicationRef::default() }),
            score,
            "{pattern}"
        );
    }
}

#[test]
fn nothing_matches_and_it_is_said_why() {
    let reason = |spec: Value| {
        let all = found(&spec, &json!({}));
        assert!(all.managed.is_empty());
        all.tried.into_iter().map(|tried| tried.why.text.to_string()).collect::<Vec<_>>()
    };
    let images = json!([{"imageName": "registry.example/shop/web"}]);
    assert_eq!(
        reason(json!({"namespace": "team-a", "applicationRefs": [{"namePattern": "*", "images": images}]})),
        ["it looks in namespace team-a only"]
    );
    assert_eq!(
        reason(
            json!({"applicationRefs": [{"namePattern": "*", "images": images}, {"namePattern": "a[", "images": images}]})
        ),
        ["name pattern a[ is malformed, and the whole object fails"]
    );
    for (operator, values) in
        [("In", json!(["db"])), ("NotIn", json!(["web"])), ("DoesNotExist", json!([])), ("Near", json!([]))]
    {
        let selector = json!({"matchExpressions": [{"key": "tier", "operator": operator, "values": values}]});
        assert_eq!(
            reason(
                json!({"applicationRefs": [{"namePattern": "*", "images": images, "labelSelectors": selector}]})
            ),
            ["the labels do not fit the selector"],
            "{operator}"
        );
    }
    let empty = json!({"applicationRefs": [{"namePattern": "*", "images": images, "labelSelectors": {}}]});
    assert_eq!(found(&empty, &json!({})).managed.len(), 1, "an empty selector takes everything in");
}

#[test]
fn annotations_are_read_by_the_rules_of_their_version() {
    let notes = json!({
        "image-list": "a/b=registry.example/shop/web:1.x , nginx",
        "a_b.update-strategy": "newest-build", "a_b.platforms": "linux/amd64, linux/arm64",
        "a_b.tag-match": "regexp:^1", "a_b.force-update": "TRUE", "a_b.helm.image-tag": "web.tag",
        "update-strategy": "alphabetical", "ignore-tags": "latest,, dev-*", "write-back-method": "git:hunter2",
        "pull-secret": "pullsecret:argocd/regcred", "kubectl.kubernetes.io/x.update-strategy.no": "x",
    });
    let managed = legacy(&notes);
    let [web, nginx] = &managed.images[..] else { panic!("{managed:?}") };
    assert_eq!((&*web.alias, &*web.constraint, &*web.strategy.value), ("a/b", "1.x", "newest-build"));
    assert_eq!(web.strategy.origin, Origin::Annotation("a_b.update-strategy".into()));
    assert_eq!((&*web.allow_tags.value, web.force_update.value), ("regexp:^1", false));
    assert_eq!(web.platforms.value.len(), 2);
    assert_eq!(web.target.helm_tag.as_deref(), Some("web.tag"));
    assert_eq!((&*nginx.repository, &*nginx.strategy.value), ("docker.io/library/nginx", "alphabetical"));
    assert_eq!(nginx.ignore_tags.value, ["latest", "dev-*"].map(Text::from));
    assert_eq!(nginx.pull_secret.value.as_deref(), Some("pullsecret:argocd/regcred"));
    assert_eq!(&*managed.write_back.method.value, "git", "what may be a secret is not kept");
    // v1.x knows neither the underscore nor tag-match.
    let spec = json!({"commonUpdateSettings": {"updateStrategy": "digest"},
        "applicationRefs": [{"namePattern": "*", "useAnnotations": true}]});
    let managed = one(found(&spec, &notes));
    assert!(managed.from_annotations);
    let web = &managed.images[0];
    assert_eq!((&*web.strategy.value, &*web.allow_tags.value), ("alphabetical", ""));
    assert_eq!(managed.write_back.method.origin, Origin::Annotation("write-back-method".into()));
    let broken = found(&spec, &json!({"image-list": "web=nginx", "force-update": "yes"}));
    assert_eq!(&*broken.tried[0].why.text, "force-update is neither true nor false: yes");
    // The first equals sign ends the alias, also where it is one of a constraint.
    let odd = legacy(&json!({"image-list": "registry.example/web:>=1.0"}));
    assert_eq!(
        (&*odd.images[0].alias, &*odd.images[0].repository),
        ("registry.example/web:>", "docker.io/library/1.0")
    );
}

#[test]
fn an_image_that_nobody_reports_is_not_live() {
    let spec = |force| {
        json!({"applicationRefs": [{"namePattern": "*", "images": [{"imageName": "registry.example/shop/api",
            "commonUpdateSettings": {"forceUpdate": force}}]}]})
    };
    let app = annotated(&json!({}));
    assert!(!one(found(&spec(false), &json!({}))).images[0].is_live(&app));
    assert!(one(found(&spec(true), &json!({}))).images[0].is_live(&app));
}

proptest! {
    /// Whatever stands in the objects: their order changes nothing, and of those references that match none is
    /// more specific than the one that was taken.
    #[test]
    fn order_of_objects_does_not_matter(
        patterns in prop::collection::vec("[a-z*?-]{0,6}|web-production|web-\\*|\\*", 1..8),
        labels in prop::collection::vec(any::<bool>(), 8),
        split in 0..8_usize,
    ) {
        let references: Vec<_> = patterns.iter().zip(&labels).map(|(pattern, with)| {
            let mut reference = json!({"namePattern": pattern, "images": [{"imageName": "nginx"}]});
            if *with {
                reference["labelSelectors"] = json!({"matchLabels": {"team": "shop"}});
            }
            reference
        }).collect();
        let (first, second) = references.split_at(split.min(references.len()));
        let (a, b) = (updater(&json!({"applicationRefs": first})), updater(&json!({"applicationRefs": second})));
        let (names, app) = ([name("argocd", "a"), name("argocd", "b")], annotated(&json!({})));
        let of = |objects: [(&ObjectName, &ImageUpdater); 2]| {
            effective(Program::V1, &name("argocd", "web-production"), &app, objects)
        };
        let found = of([(&names[0], &a), (&names[1], &b)]);
        prop_assert_eq!(&found, &of([(&names[1], &b), (&names[0], &a)]));
        for managed in &found.managed {
            let object = if managed.object == Some(names[0].clone()) { &a } else { &b };
            let taken = object.spec.iter().flat_map(|spec: &UpdaterSpec| &spec.references)
                .filter(|it| Some(&it.name_pattern) == managed.name_pattern.as_ref())
                .map(specificity).max().unwrap_or_default();
            let alone = object.spec.iter().flat_map(|spec| &spec.references).filter(|it| {
                let one = ImageUpdater {
                    spec: Some(UpdaterSpec { references: vec![(*it).clone()], ..UpdaterSpec::default() }),
                    ..object.clone()
                };
                let object = name("argocd", "x");
                !effective(Program::V1, &name("argocd", "web-production"), &app, [(&object, &one)])
                    .managed.is_empty()
            });
            for reference in alone {
                prop_assert!(specificity(reference) <= taken);
            }
        }
    }
}

#[test]
fn verification_holds_on_three_levels_and_annotations_have_no_say_in_it() {
    let spec = |of_spec: Value, of_reference: Value, of_image: Value, annotations: bool| {
        json!({"imagesVerification": of_spec, "applicationRefs": [{
            "namePattern": "*", "useAnnotations": annotations, "imagesVerification": of_reference,
            "images": [{"alias": "web", "imageName": "registry.example/shop/web", "imagesVerification": of_image,
                "manifestTargets": {"plugin": {"name": "IMAGE", "tag": "TAG"}}}]}]})
    };
    let (on, off) =
        (json!({"enabled": true, "cosignKey": {"secretName": "k", "key": "pub"}}), json!({"enabled": false}));
    let of = |spec: &Value| {
        let managed = one(found(spec, &json!({"image-list": "web=registry.example/shop/web"})));
        managed.images[0].clone()
    };
    let image = of(&spec(on.clone(), json!({}), json!({}), false));
    assert_eq!((image.verified.value, image.verified.origin), (true, Origin::Spec));
    assert_eq!(
        (image.target.plugin_name.as_deref(), image.target.plugin_tag.as_deref()),
        (Some("IMAGE"), Some("TAG"))
    );
    let image = of(&spec(on.clone(), off.clone(), json!({}), false));
    assert_eq!((image.verified.value, image.verified.origin), (false, Origin::Reference));
    let image = of(&spec(off.clone(), off, on.clone(), false));
    assert_eq!((image.verified.value, image.verified.origin), (true, Origin::Image));
    let image = of(&spec(json!({}), on, json!({}), true));
    assert_eq!((image.verified.value, image.verified.origin), (true, Origin::Reference));
}
