//! Models and competitions in the pipeline file: what they become, what is refused and where.

use super::*;
use crate::event::{LadderForm, MarketType, ModelRules, Settings};
use crate::values::{Billionths, CompetitionId};

const BUILT_IN: &str = include_str!("../../../pipelines/soccer-live/model/measured_v1.toml");
const HEAD: &str = "name = \"p\"\nrevision = 3\n";

/// A folder with a pipeline file of this text and a model `model/other.toml`, in which a red card leaves half.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        std::fs::create_dir(folder.0.path().join("model")).unwrap();
        let other = BUILT_IN.replacen("\"measured_v1\"", "\"other\"", 1).replacen("value = 0.6,", "value = 0.5,", 1);
        folder.write("other.toml", &other);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join("model").join(name), text).unwrap();
    }

    fn file(&self) -> String {
        self.0.path().join("pipeline.toml").display().to_string()
    }

    fn read(&self, rest: &str) -> Result<Loaded, String> {
        read(&format!("{HEAD}{rest}"), Some(&self.file()), &[])
    }

    /// What is said of it, without the folder's name.
    fn refused(&self, rest: &str) -> String {
        let error = self.read(rest).expect_err(rest);
        error.replace(&format!("{}/", self.0.path().display()), "")
    }
}

const TWO: &str = r#"
[margins]
main_total = 1030
[model]
file = "model/other.toml"
[[competitions]]
id = "ENG-1"
markets = ["total", "1x2"]
total_lines = 3
ladder = "american"
[competitions.margins]
match_result = 1035
[[competitions]]
id = "BRA-1"
model = "model/other.toml"
"#;

#[test]
fn a_competition_has_its_own_rules_and_everything_else_from_all() {
    let rules = Folder::new().read(TWO).unwrap().pipeline.rules;
    let trading = rules.settings().unwrap().trading;
    let of = |id: &str| trading.of(&CompetitionId::parse(id).unwrap());
    let england = of("ENG-1");
    assert_eq!(england.markets, [MarketType::MATCH_RESULT, MarketType::TOTAL]);
    assert_eq!((england.total_lines, england.handicap_lines, england.ladder), (3, 7, LadderForm::American));
    let margins = &england.margins;
    assert_eq!((margins.match_result_thousandths, margins.main_total_thousandths), (1_035, 1_030));
    assert_eq!(england.model.name, "other", "as all");
    assert_eq!(of("BRA-1").margins.match_result_thousandths, 1_050);
    assert_eq!(
        *of("BRA-1").model,
        ModelRules {
            name: "other".to_owned(),
            kappa_own: Billionths::from_raw(500_000_000),
            ..ModelRules::measured_v1()
        }
    );
    assert_eq!((of("ITA-1").ladder, of("ITA-1").markets.len()), (LadderForm::Decimal, MarketType::all().count()));
}

#[test]
fn the_journal_holds_the_models_themselves() {
    let folder = Folder::new();
    let minutes = format!("minutes = [{}]\n", ["0.0093"; 45].join(", "));
    let listed = BUILT_IN.replacen("rise = { value = 0.003273 }\n", "", 1);
    folder.write("listed.toml", &listed.replacen("start = { value = 0.007664 }\n", &minutes, 1));
    let rules = folder.read(&TWO.replacen("\"model/other.toml\"", "\"model/listed.toml\"", 1)).unwrap().pipeline.rules;
    drop(folder);
    let journalled = rules.to_journal();
    assert!(!journalled.text.contains(".toml"), "{}", journalled.text);
    let (settings, stamp) = settings_from_journal(&journalled).unwrap();
    assert_eq!(*settings, rules.settings().unwrap());
    assert_eq!(stamp, rules.stamp());
    assert_eq!(toml::from_str::<RulesPart>(&journalled.text).unwrap(), rules);
}

#[test]
fn a_journal_from_before_there_were_models_means_what_it_meant() {
    let rules = parse("name = \"p\"\nrevision = 1\n").unwrap().rules;
    let mut table: toml::Table = toml::from_str(&rules.canonical()).unwrap();
    assert!(table.remove("model").is_some() && !table.contains_key("competitions"));
    let old: RulesPart = toml::from_str(&table.to_string()).unwrap();
    assert_eq!(old.settings().unwrap(), Settings::default());
}

#[test]
fn another_model_under_the_same_revision_is_other_content() {
    let folder = Folder::new();
    let stamp = || folder.read("[model]\nfile = \"model/other.toml\"\n").unwrap().pipeline.rules.stamp();
    let before = stamp();
    let text = BUILT_IN.replacen("\"measured_v1\"", "\"other\"", 1).replacen("value = 0.6,", "value = 0.500001,", 1);
    folder.write("other.toml", &text);
    assert_ne!(stamp().hash, before.hash);
    folder.write("other.toml", &text.replacen("value = 0.500001,", "value = 0.5,", 1).replace("# ", "# not "));
    assert_eq!(stamp(), before, "what a comment says is no rule");
}

#[test]
fn what_cannot_be_is_refused_with_the_lines_of_both_files() {
    let folder = Folder::new();
    folder.write("broken.toml", &BUILT_IN.replacen("own = { value = 0.6,", "own = { value = 0.0,", 1));
    let line = BUILT_IN.lines().position(|line| line.starts_with("own")).unwrap() + 1;
    let broken = format!("model/broken.toml:{line}: 0 must be from 0.01 to 10");
    for (rest, expected) in [
        (
            "[model]\nfile = \"model/none.toml\"",
            "pipeline.toml:4: model.file: the model file model/none.toml cannot be read: ",
        ),
        ("[model]\nfile = \"model/broken.toml\"", &*format!("pipeline.toml:4: model.file: {broken}")),
        ("[model]\nfiles = \"x\"", "pipeline.toml:4: model.files: unknown key"),
        ("[model]\nphi = [1, 1, 1, 1, 1]", "pipeline.toml:4: model.phi: unknown key"),
        ("model = \"x\"", "pipeline.toml:3: model: invalid type: string"),
        ("[[competitions]]\nmarkets = []", "pipeline.toml:3: competitions: missing key `id`"),
        ("[[competitions]]\nid = \"a b\"", "pipeline.toml:4: competitions[0].id: \"a b\": "),
        (
            "[[competitions]]\nid = \"A\"\n[[competitions]]\nid = \"A\"",
            "pipeline.toml:6: competitions[1].id: \"A\" is there already",
        ),
        ("[[competitions]]\nid = \"A\"\nmargin = 3", "pipeline.toml:5: competitions[0].margin: unknown key"),
        (
            "[[competitions]]\nid = \"A\"\nmarkets = [\"1x2\", \"goals\"]",
            "pipeline.toml:5: competitions[0].markets: \"goals\" is no market",
        ),
        (
            "[[competitions]]\nid = \"A\"\nladder = \"fractional\"",
            "pipeline.toml:5: competitions[0].ladder: \"fractional\" must be",
        ),
        (
            "[[competitions]]\nid = \"A\"\nhandicap_lines = 0",
            "pipeline.toml:5: competitions[0].handicap_lines: 0 must be 1 to 60",
        ),
        (
            "[[competitions]]\nid = \"A\"\n[competitions.margins]\nmatch_result = 900",
            "pipeline.toml:6: competitions[0].margins.match_result: 900 must be 1000 to 2000",
        ),
        (
            "[[competitions]]\nid = \"A\"\n[competitions.margins]\nresult = 1050",
            "pipeline.toml:6: competitions[0].margins.result: unknown key",
        ),
        (
            "[[competitions]]\nid = \"A\"\nmodel = \"model/broken.toml\"",
            &*format!("pipeline.toml:5: competitions[0].model: {broken}"),
        ),
    ] {
        let error = folder.refused(rest);
        assert!(error.starts_with(expected), "{rest:?} gave {error:?}, not {expected:?}");
    }
    let both = folder.refused("[model]\nfile = \"model/none.toml\"\n[margins]\nmain_total = 1\n");
    assert_eq!(both.lines().count(), 2, "everything wrong is told at once: {both}");
}

#[test]
fn the_model_in_force_is_shown_with_who_named_it() {
    let folder = Folder::new();
    let shown = |loaded: &Loaded, key: &str| {
        let value = loaded.values().into_iter().find(|value| value.key == key).unwrap_or_else(|| panic!("no {key}"));
        format!("{} | {}", value.value, value.origin).replace(&folder.file(), "pipeline.toml")
    };
    let plain = folder.read("").unwrap();
    assert_eq!(shown(&plain, "model.file"), "\"model/measured_v1.toml\" | built-in default");
    assert_eq!(shown(&plain, "model.name"), "\"measured_v1\" | built-in default");
    let two = folder.read(TWO).unwrap();
    assert_eq!(shown(&two, "model.name"), "\"other\" | pipeline.toml:7");
    assert_eq!(shown(&two, "competitions[1].model"), "\"model/other.toml\" | pipeline.toml:17");
    assert_eq!(shown(&two, "competitions[1].model.name"), "\"other\" | pipeline.toml:17");
    let flag = Override {
        key: "model.file".to_owned(),
        text: "model/other.toml".to_owned(),
        origin: Origin::Flag("--set model.file".to_owned()),
    };
    let set = read(HEAD, Some(&folder.file()), &[flag]).unwrap();
    assert_eq!(shown(&set, "model.name"), "\"other\" | flag --set model.file");
}
