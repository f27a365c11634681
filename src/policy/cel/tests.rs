use proptest::prelude::*;

use super::value::write;
use super::*;
use crate::source::SourceId;
use crate::yaml::{self, Tree};

const ROOTS: [&str; 3] = ["object", "params", "authorizer"];

fn environment(oldest: u32) -> Environment<'static> {
    Environment { roots: &ROOTS, variables: &[], oldest, extensions: &[] }
}

fn compiled(text: &str) -> Result<Program, Vec<Fault>> {
    Program::compile(text, &environment(99), &[], Wanted::Any)
}

/// What an expression results in on an object, as text, or why it doesn't.
fn result_on(text: &str, tree: &Tree) -> Result<String, Stop> {
    let program = compiled(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
    let object = tree.documents().next().and_then(|document| document.root);
    let object = object.map_or(Value::NULL, |root| Shadow::of_manifest(root, None).to_value().expect("it is known"));
    let authorizer = Data::Unknowable("a cluster is asked").into();
    let regexes = Regexes::default();
    let mut evaluation = Evaluation::new(vec![object, Value::NULL, authorizer], &[], &regexes);
    let value = evaluation.value(&program)?;
    let mut written = String::new();
    write(&value, &mut written).map(|()| written)
}

fn result(text: &str) -> Result<String, Stop> {
    result_on(text, &yaml::parse(SourceId(0), "{a: 1, b: [x, y], c: {d: null}, e: '${NAME}'}".into()))
}

fn faults(text: &str, oldest: u32) -> Vec<(usize, String)> {
    let environment = environment(oldest);
    let compiled = Program::compile(text, &environment, &[], Wanted::Bool);
    compiled.err().into_iter().flatten().map(|fault| (fault.offset, fault.message)).collect()
}

/// From the documentation of CEL, its extensions and Kubernetes' libraries, and what they leave open.
const TRUE: &str = r#"
1 + 2 == 3 && 7 / 2 == 3 && -7 % 3 == -1 && 2.5 * 2.0 == 5.0
dyn(1) == 1.0 && dyn(1u) == 1 && 1 < 1.5 && 2u > 1.5 && !(dyn(1) == '1')
'a' + 'b' == 'ab' && b'a' + b'b' == b'ab' && [1] + [2] == [1, 2]
'a' < 'b' && false < true && b'a' < b'b'
[1, 2] == [1, 2] && {'a': 1} == {'a': 1.0} && [] != [1] && {} != {'a': 1}
1 in [1, 2] && !(3 in [1, 2]) && 'a' in {'a': 1} && !('b' in {'a': 1})
true || 1 / 0 > 1
1 / 0 > 1 || true
!(false && 1 / 0 > 1)
!(1 / 0 > 1 && false)
[1, 0].exists(x, 1 / x == 1) && ![0, 1].all(x, 1 / x == 2)
[1, 2, 3].all(x, x > 0) && [1, 2, 3].exists(x, x == 2) && [1, 2, 3].exists_one(x, x > 2)
[1, 2, 3].filter(x, x > 1) == [2, 3] && [1, 2].map(x, x * 2) == [2, 4] && [1, 2, 3].map(x, x > 1, x * x) == [4, 9]
{'a': 1, 'b': 2}.all(k, k in ['a', 'b'])
[3, 4].all(i, v, v == i + 3) && {'a': 1}.exists(k, v, k == 'a' && v == 1)
[1, 2].transformList(i, v, i * v) == [0, 2] && [1, 2].transformList(i, v, i > 0, v) == [2]
{'a': 1}.transformMap(k, v, v + 1) == {'a': 2} && {'a': 'b'}.transformMapEntry(k, v, {v: k}) == {'b': 'a'}
(1 < 2 ? 'yes' : 'no') == 'yes'
has(object.a) && !has(object.z) && has({'a': 1}.a) && has(object.c.d) && !has(object.c.d.e) && !has(object.a.b)
object.?z.orValue(5) == 5 && object.?a.orValue(5) == 1 && object.?z.?y.orValue(1) == 1 && object.c.?d.hasValue()
object.b[?7].orValue('none') == 'none' && object.b[0] == 'x' && object[?'a'].hasValue()
optional.of(1).optMap(x, x + 1).value() == 2 && optional.none().or(optional.of(3)).value() == 3
optional.of(1).optFlatMap(x, optional.none()) == optional.none() && !optional.ofNonZeroValue('').hasValue()
[?optional.none(), ?optional.of(1)] == [1] && {?'a': optional.none()} == {}
size('äöü') == 3 && 'äöü'.size() == 3 && size([1, 2]) == 2 && size({'a': 1}) == 1 && size(b'abc') == 3
int('42') == 42 && int(2.9) == 2 && int(-2.9) == -2 && double('1.5') == 1.5 && uint(3) == 3u && string(1.0) == '1' && bool('true')
string(1.5) == '1.5' && string(true) == 'true' && string(b'abc') == 'abc' && string(1e300) == '1e+300'
type(1) == int && type('a') == string && type([]) == list && type(type(1)) == type && type(duration('1s')) == google.protobuf.Duration
duration('1h30m') == duration('5400s') && duration('90m').getHours() == 1 && duration('-1.5s') < duration('0s')
string(duration('1m1ms')) == '60.001s' && duration('1h').getMinutes() == 60
timestamp('2024-02-29T12:30:45.5Z').getFullYear() == 2024 && timestamp('2024-02-29T00:00:00Z').getMonth() == 1
timestamp('2024-02-29T23:30:00Z').getDate('+01:00') == 1 && timestamp('2024-02-29T23:30:00Z').getHours('-02:00') == 21
timestamp('2024-03-01T00:00:00Z') - timestamp('2024-02-29T00:00:00Z') == duration('24h')
string(timestamp('2024-02-29T12:00:00+02:00')) == '2024-02-29T10:00:00Z' && timestamp('2023-12-17T00:00:00Z').getDayOfWeek() == 0
timestamp('2024-12-31T00:00:00Z').getDayOfYear() == 365 && timestamp('2024-01-01T00:00:00.123Z').getMilliseconds() == 123
'tacocat'.charAt(3) == 'o' && 'tacocat'.charAt(7) == ''
'hello mellow'.indexOf('') == 0 && 'hello mellow'.indexOf('ello', 2) == 7 && 'hello mellow'.indexOf('jello') == -1
'hello mellow'.lastIndexOf('') == 12 && 'hello mellow'.lastIndexOf('ello') == 7 && 'hello mellow'.lastIndexOf('ello', 6) == 1
['hello', 'mellow'].join() == 'hellomellow' && ['hello', 'mellow'].join(' ') == 'hello mellow' && [].join() == ''
'TacoCÆt'.lowerAscii() == 'tacocÆt' && 'tacocæt'.upperAscii() == 'TACOCæT' && '  \ttrim\n '.trim() == 'trim'
'hello hello'.replace('he', 'we') == 'wello wello' && 'hello hello'.replace('he', 'we', 1) == 'wello hello' && 'ab'.replace('', '_') == '_a_b_'
'hello hello hello'.split(' ') == ['hello', 'hello', 'hello'] && 'a b c'.split(' ', 2) == ['a', 'b c'] && 'abc'.split('') == ['a', 'b', 'c'] && 'abc'.split('', 2) == ['a', 'bc'] && 'a b'.split(' ', 0) == []
'tacocat'.substring(4) == 'cat' && 'tacocat'.substring(0, 4) == 'taco' && 'tacocat'.substring(7) == ''
'%s is %d, %.2f, %x, %X, %o, %b, %e, 100%%'.format(['a', 3, 1.5, 255, 'k', 8, true, 1234.5]) == 'a is 3, 1.50, ff, 6B, 10, 1, 1.234500e+03, 100%'
'%s %s %s'.format([[dyn(1), 'a'], {'b': 2, 'a': 1}, null]) == '[1, a] {a: 1, b: 2} null'
strings.quote('a"b\n') == '"a\\"b\\n"'
'abc 123'.find('[0-9]+') == '123' && 'abc'.find('[0-9]+') == '' && '123 abc 456'.findAll('[0-9]+') == ['123', '456'] && '1 2 3'.findAll('[0-9]', 2) == ['1', '2']
'abc'.matches('^[a-c]+$') && matches('a.b', 'a\\.b') && 'key'.matches('\\w') && !'ä'.matches('\\w') && '[x'.matches('[[]x') && 'a&&b'.matches('[&&]{2}')
'a'.matches('[[:alpha:]]') && 'a.b'.matches('\\Qa.b\\E') && !'axb'.matches('\\Qa.b\\E') && ']'.matches('[]]')
[1, 2, 3].isSorted() && !['b', 'a'].isSorted() && [].isSorted() && [1, 3].sum() == 4 && [1.0, 3.0].sum() == 4.0 && [].sum() == 0
[3, 1].min() == 1 && ['a', 'b'].max() == 'b' && [1, 2, 2, 3].indexOf(2) == 1 && ['a', 'b', 'b'].lastIndexOf('b') == 2 && [1.0].indexOf(1.1) == -1
[1, 2, 3].includes(2) && 'a'.includes('a')
[1, 2, 3, 4].slice(1, 3) == [2, 3] && [dyn(1), [dyn(2), [3]]].flatten() == [dyn(1), 2, [3]] && [1, 2, 2].distinct() == [1, 2] && [2, 1].sort() == [1, 2]
[1, 2].reverse() == [2, 1] && lists.range(3) == [0, 1, 2] && ['bb', 'a'].sortBy(x, size(x)) == ['a', 'bb']
sets.contains([1, 2], [2]) && !sets.contains([1], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && sets.intersects([1, 2], [2, 3]) && !sets.intersects([], [1])
isURL('https://user:pass@example.com:80/path?query=val#fragment') && isURL('/absolute-path') && !isURL('https://a:b:c/') && !isURL('../relative-path')
url('/path').getScheme() == '' && url('https://example.com:80/').getHost() == 'example.com:80' && url('https://[::1]:80/').getHostname() == '::1'
url('https://example.com:80/').getPort() == '80' && url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'
url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']} && url('https://example.com').getEscapedPath() == ''
isQuantity('1.3Gi') && !isQuantity('1,3G') && !isQuantity('200K') && quantity('200M').compareTo(quantity('0.2G')) == 0
quantity('50k').asInteger() == 50000 && !quantity('0.5').isInteger() && quantity('50k').sub(20000).asApproximateFloat() == 30000.0
quantity('50k').add(quantity('20k')) == quantity('70k') && sign(quantity('-1')) == -1 && quantity('50M').isLessThan(quantity('50Mi'))
!quantity('9999999999999999999999999999999999999G').isInteger()
isIP('127.0.0.1') && isIP('::1') && !isIP('127.0.0.256') && !isIP(':::1') && !isIP('fe80::1%eth0') && !isIP('::ffff:1.2.3.4')
ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD') && ip('::1').family() == 6 && string(ip('127.0.0.1')) == '127.0.0.1'
ip('0.0.0.0').isUnspecified() && ip('127.0.0.1').isLoopback() && ip('224.0.0.1').isLinkLocalMulticast() && !ip('224.0.1.1').isLinkLocalMulticast()
ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast() && ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && !ip('ff00::1').isGlobalUnicast()
isCIDR('192.168.0.0/16') && isCIDR('::1/128') && !isCIDR('192.168.0.0/33') && !isCIDR('::1/129')
cidr('192.168.0.0/24').containsIP(ip('192.168.0.1')) && !cidr('192.168.0.0/24').containsIP('192.168.1.1')
cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24') && !cidr('192.168.1.0/24').containsCIDR(cidr('192.168.2.0/24'))
cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24') && cidr('192.168.0.1/24').ip() == ip('192.168.0.1') && cidr('::1/128').prefixLength() == 128
!format.dns1123Label().validate('my-label').hasValue() && format.dns1123Label().validate('My_Label').hasValue() && format.named('uuid').hasValue()
!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue() && !format.named('unknown').hasValue()
!format.dns1035LabelPrefix().validate('my-label-prefix-').hasValue() && !format.byte().validate('aGVsbG8=').hasValue() && format.date().validate('2021-13-01').hasValue()
isSemver('1.0.0') && !isSemver('v1.0') && isSemver('v1.0', true) && !isSemver('200K') && semver('1.2.3').compareTo(semver('2.0.0')) == -1
semver('1.2.3').major() == 1 && semver('01.01.01', true) == semver('1.1.1') && semver('0.1.0-alpha.1').isLessThan(semver('0.1.0'))
semver('1.0.0-alpha.2').isLessThan(semver('1.0.0-alpha.10')) && semver('1.0.0-1').isLessThan(semver('1.0.0-alpha'))
"#;

#[test]
fn functions_do_what_their_documentation_says() {
    let is_wrong = |line: &&str| compiled(line).is_err() || result(line) != Ok("true".into());
    let wrong: Vec<_> =
        TRUE.lines().filter(|line| !line.is_empty()).filter(is_wrong).map(|line| (line, compiled(line).map(|_| result(line)))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_goes_wrong_is_an_error() {
    for text in [
        "1 / 0",
        "1 % 0",
        "9223372036854775807 + 1",
        "-9223372036854775808 - 1",
        "0u - 1u",
        "int('a')",
        "object.z",
        "object.b[2]",
        "object.a.b",
        "{'a': 1}['b']",
        "[1][-1]",
        "'abc'.charAt(4)",
        "'abc'.substring(2, 1)",
        "[].min()",
        "optional.none().value()",
        "ip('a')",
        "cidr('10.0.0.0')",
        "quantity('Three')",
        "semver('1.0')",
        "url('https://a:b:c/')",
        "'%d'.format(['a'])",
        "'%s'.format([])",
        "timestamp('2024-02-30T00:00:00Z')",
        "duration('1')",
        "'a'.matches(dyn('['))",
        "dyn(1) + 'a'",
        "dyn('a') && true",
        "{dyn(1.5): 1}",
        "[1, 2].slice(1, 5)",
        "int(1e30)",
        "[dyn(1), 'a'].sort()",
        "dyn(1) ? 1 : 2",
        "lists.range(-1)",
    ] {
        let found = result(text);
        assert!(matches!(found, Err(Stop::Error(_) | Stop::NoOverload)), "{text}: {found:?}");
    }
}

#[test]
fn what_only_a_cluster_knows_is_undecided_unless_something_else_decides() {
    let check = "authorizer.group('apps').resource('deployments').check('create').allowed()";
    let undecided = |text: &str| matches!(result(text), Err(Stop::Undecided(_)));
    assert!(undecided(check));
    assert!(undecided(&format!("{check} && true")) && undecided(&format!("false || {check}")));
    assert_eq!(result(&format!("{check} && false")), Ok("false".into()));
    assert_eq!(result(&format!("{check} || true")), Ok("true".into()));
    assert!(undecided(&format!("1 / 0 > 1 || {check}")) && undecided(&format!("{check} || 1 / 0 > 1")));
    assert!(undecided(&format!("[1, 2].all(x, {check})")) && undecided(&format!("{check} ? 1 : 2")) && undecided(&format!("!{check}")));
    assert!(undecided("object.e == 'x'") && undecided("object.e.startsWith('x')"));
    assert_eq!(result("has(object.e)"), Ok("true".into()));
}

#[test]
fn what_the_api_server_would_not_compile_is_told_at_its_place() {
    let told = |text: &str, oldest: u32| faults(text, oldest).into_iter().next().unwrap_or_default();
    assert_eq!(told("true &&", 37).0, 7);
    assert_eq!(told("object.a == 1 && objekt.b == 2", 37), (17, "`objekt` is not known here".into()));
    assert_eq!(told("1 == 1 && math.abs(-1) == 1", 37).0, 15);
    assert!(told("math.abs(-1) == 1", 37).1.contains("does not offer"));
    assert!(told("object.a.reverse('x') == 'a'", 37).1.contains("takes 0 arguments"));
    assert!(told("isSemver('1.0.0')", 33).1.contains("from Kubernetes 1.34 on"));
    assert_eq!(told("isSemver('1.0.0')", 34).1, "");
    assert!(told("[1, 2].all(i, v, v > i)", 32).1.contains("from Kubernetes 1.33 on"));
    assert!(told("[1, 'a'] == object.b", 37).1.contains("mixed"));
    assert!(told("object.a + 1", 37).1.contains("true or false") && told("object.a", 37).1.contains("not known to be that"));
    assert!(told("'a' + 1 == 'a1'", 37).1.contains("int can't stand here"));
    assert!(told("object.a.matches('[')", 37).1.contains("no regular expression"));
    assert!(told("size(object.a, 1) == 1", 37).1.contains("takes 1 argument"));
    assert!(told("object.quantity() == 1", 37).1.contains("not called in this way"));
    assert!(told("sign(quantity('1')) == 1 && 'a'.size(1) == 1", 37).1.contains("takes 0 arguments"));
    assert!(
        told("cel.bind(x, 1, x == 1)", 37).1.contains("`x` is not known")
            || told("cel.bind(x, 1, x == 1)", 37).1.contains("does not offer")
    );
    assert!(told("Object{spec: 1} == object", 37).1.contains("can't be made"));
}

#[test]
fn places_are_those_that_decided() {
    let tree = yaml::parse(
        SourceId(0),
        "{kind: Pod, spec: {replicas: 1, containers: [{name: a, image: 'x:1'}, {name: b, image: 'y'}], flag: false}}".into(),
    );
    let root = tree.documents().next().and_then(|document| document.root).expect("a document");
    let places = |text: &str| -> Vec<String> {
        let program = compiled(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        let regexes = Regexes::default();
        let object = Shadow::as_written(root).to_value().expect("it is known");
        let mut evaluation = Evaluation::new(vec![object, Value::NULL, Value::NULL], &[], &regexes);
        evaluation
            .reasons(&program)
            .iter()
            .map(|reason| reason.iter().map(|place| place.path_from(root)).collect::<Vec<_>>().join(" + "))
            .collect()
    };
    assert_eq!(places("object.spec.replicas > 1"), ["spec.replicas"]);
    assert_eq!(places("object.spec.containers.all(c, c.image.contains(':'))"), ["spec.containers[1].image"]);
    assert_eq!(places("has(object.spec.serviceName) && object.spec.replicas > 2"), ["spec.serviceName", "spec.replicas"]);
    assert_eq!(places("has(object.spec.strategy.type)"), ["spec.strategy.type"]);
    assert_eq!(places("object.spec.?strategy.?type.orValue('') == 'Recreate'"), ["spec.strategy.type"]);
    assert_eq!(places("object.spec.replicas > 5 || object.spec.flag"), ["spec.flag + spec.replicas"]);
    assert_eq!(places("!(object.spec.replicas == 1 || object.spec.flag)"), ["spec.replicas"]);
    assert_eq!(places("!object.spec.containers.exists(c, c.name == 'b')"), ["spec.containers[1].name"]);
    assert_eq!(places("object.spec.containers.exists(c, c.name == 'z')"), ["spec.containers"]);
    assert_eq!(places("object.spec.containers.map(c, c.image).all(i, i.contains(':'))"), ["spec.containers[1].image"]);
    assert_eq!(places("object.spec.containers.filter(c, !c.image.contains(':')).size() == 0"), ["spec.containers[1].image"]);
    assert_eq!(places("object.spec.flag ? true : object.spec.replicas > 1"), ["spec.replicas"]);
    assert_eq!(places("object.spec.flag ? true : false"), ["spec.flag"]);
    assert_eq!(places("object.spec.containers.all(c, has(c.resources))"), ["spec.containers[0].resources", "spec.containers[1].resources"]);
    let guarded = "object.kind != 'Pod' || !has(object.spec.flag) || object.spec.replicas == null || object.spec.replicas > 1";
    assert_eq!(places(guarded), ["spec.replicas"]);
    let prefixes = "object.spec.containers.all(c, ['a', 'b'].exists(p, c.image.startsWith(p)))";
    assert_eq!(places(prefixes), ["spec.containers[0].image", "spec.containers[1].image"]);
    assert_eq!(places("false"), Vec::<String>::new());
}

#[test]
fn hostile_expressions_end() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    for text in [
        nested("(", ")", 20_000),
        nested("[", "]", 20_000),
        nested("-(", ")", 5_000),
        nested("size([", "])", 5_000),
        "1+".repeat(40_000) + "1",
        "a?b:".repeat(20_000) + "c",
        "object".to_owned() + &".a".repeat(40_000),
        "object".to_owned() + &".f()".repeat(20_000),
        "!".repeat(50_000) + "true",
        "-".repeat(50_000) + "1",
        "[".repeat(50_000),
        "'".repeat(3) + &"a".repeat(200_000),
        "x".repeat(99_999),
    ] {
        assert!(compiled(&text).is_err(), "{}", &text[..20]);
    }
    let wide = format!("[{}].size() == 20001", "1,".repeat(20_000) + "1");
    assert_eq!(result(&wide), Ok("true".into()));
    let joined = vec!["object.a == 1"; 2000].join(" && ");
    assert_eq!(result(&joined), Ok("true".into()));
}

#[test]
fn runaway_evaluations_end_with_what_the_api_server_grants() {
    for text in [
        "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))",
        "lists.range(100000000).size() > 1",
        "lists.range(900000).map(x, lists.range(900000)).size() > 1",
        "lists.range(40).map(x, 'aaaaaaaaaaaaaaaa').join('bbbbbbbbbbbb').replace('', 'cccccccccccccc').replace('', 'ddddddddddddddddddd').replace('', 'eeeeeeeeeeeeeeeeeeeeeeee').size() > 1",
        "lists.range(100000).all(i, 'a'.matches('((a{100}){' + string(i % 100) + '}){50}') || true)",
        "lists.range(1000000).all(i, isQuantity('1'.replace('', '1111111111').replace('', '11111111111').replace('', '1111111111111')) || true)",
        "lists.range(3000).map(x, 'a').distinct().size() == 1 && lists.range(3000).distinct().size() == 3000",
    ] {
        assert_eq!(result(text), Err(Stop::OverBudget), "{text}");
    }
    assert!(result("'a'.matches(dyn('((a{1000}){1000}){1000}'))").is_err());
}

#[test]
fn what_is_as_deep_as_is_allowed_fits_a_threads_stack() {
    let nested = |open: &str, inner: &str, close: &str, depth: usize| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
    for text in [
        nested("[", "1", "]", 90) + " == " + &nested("[", "1", "]", 90),
        nested("[1].all(x, ", "false", ")", 48),
        nested("!(", "false", ")", 90),
        nested("[[1].map(x, ", "x", ")][0]", 25) + " == []",
        format!("{}false", "object.a == 1 ? false : ".repeat(90)),
        format!("{}1 == 0", "1 + ".repeat(150)),
        format!("has({})", "object".to_owned() + &".a".repeat(150)),
        vec!["(object.a == 2 && object.b == [])"; 500].join(" || "),
    ] {
        let program = compiled(&text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        let tree = yaml::parse(SourceId(0), "{a: 1, b: [x, y]}".into());
        let root = tree.documents().next().and_then(|document| document.root).expect("a document");
        let regexes = Regexes::default();
        let object = Shadow::of_manifest(root, None).to_value().expect("it is known");
        let mut evaluation = Evaluation::new(vec![object, Value::NULL, Value::NULL], &[], &regexes);
        let _ = evaluation.value(&program);
        evaluation.reasons(&program);
    }
}

#[test]
fn large_and_deep_objects_are_bounded_by_the_budget() {
    let lines = |line: fn(u32) -> String| (0..10_000).map(line).collect::<Vec<_>>().join("\n");
    let (items, keys) = (lines(|number| format!("- {{n: {number}}}")), lines(|number| format!("  k{number}: {number}")));
    let text = format!("list:\n{items}\nmap:\n{keys}\ndeep: {}1{}\n", "[".repeat(200), "]".repeat(200));
    let tree = yaml::parse(SourceId(0), text.into());
    let on_large = |text: &str| result_on(text, &tree);
    for text in [
        "object.list.all(a, object.list.all(b, a.n + b.n >= 0))",
        "object.list.all(a, object.map.k9999 == 9999)",
        "object.list.all(a, 'k9999' in object.map)",
        "object.map.all(k, object == object)",
        "object.list.filter(a, object.list[9999].n == 1).size() == 0",
    ] {
        assert_eq!(on_large(text), Err(Stop::OverBudget), "{text}");
    }
    assert_eq!(on_large("object.list.all(a, a.n >= 0) && object.map.all(k, v, v >= 0)"), Ok("true".into()));
    assert_eq!(on_large("object.deep == object.deep && '%s'.format([object.deep]).size() == 401"), Ok("true".into()));
}

/// Parts of which any expressions are made: types are hidden by `dyn`, so that functions are called with whatever there is.
fn any_expression() -> impl Strategy<Value = String> {
    let leaves = [
        "object",
        "object.a",
        "object.b",
        "object.c.d",
        "object.?z",
        "object.e",
        "null",
        "true",
        "0",
        "-1",
        "9223372036854775807",
        "1u",
        "1.5",
        "'äbc'",
        "''",
        "b'a'",
        "[]",
        "{}",
        "[1, 2]",
        "{'a': 1}",
        "int",
        "authorizer",
        "duration('1h')",
        "timestamp('2024-01-01T00:00:00Z')",
        "quantity('1Gi')",
        "ip('::1')",
        "cidr('10.0.0.0/8')",
        "url('/a?b=c')",
        "semver('1.2.3')",
        "format.uuid()",
        "optional.none()",
        "'%s %d %x'",
        "'[a-z]+'",
        "1e300",
    ];
    let functions: Vec<_> = functions::all().collect();
    prop::sample::select(leaves.to_vec()).prop_map(str::to_owned).prop_recursive(4, 24, 3, move |inner| {
        let args = prop::collection::vec(inner.clone(), 4);
        let call = (prop::sample::select(functions.clone()), args).prop_map(|((name, is_member, count), args)| {
            let mut args = args.into_iter().take(count).map(|arg| format!("dyn({arg})"));
            let receiver = if is_member { args.next().map_or(String::new(), |arg| format!("{arg}.")) } else { String::new() };
            format!("{receiver}{name}({})", args.collect::<Vec<_>>().join(", "))
        });
        let operators = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"];
        let binary = (inner.clone(), prop::sample::select(operators.to_vec()), inner.clone())
            .prop_map(|(left, operator, right)| format!("(dyn({left}) {operator} dyn({right}))"));
        let macros = [
            "all(x, ",
            "exists(x, ",
            "exists_one(x, ",
            "map(x, ",
            "filter(x, ",
            "all(i, x, ",
            "transformMap(k, x, ",
            "sortBy(x, ",
            "optMap(x, ",
        ];
        let expanded = (inner.clone(), prop::sample::select(macros.to_vec()), inner.clone(), any::<bool>())
            .prop_map(|(range, name, body, reads)| format!("dyn({range}).{name}dyn({}))", if reads { "x".into() } else { body }));
        let index = (inner.clone(), inner.clone(), any::<bool>())
            .prop_map(|(operand, index, is_optional)| format!("dyn({operand})[{}dyn({index})]", if is_optional { "?" } else { "" }));
        let others = (inner.clone(), inner.clone(), inner)
            .prop_map(|(one, two, three)| format!("(dyn({one}) ? !dyn({two}) : -dyn({three}) == has(dyn({one}).a.b))"));
        prop_oneof![3 => call, 2 => binary, 2 => expanded, 1 => index, 1 => others]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_evaluated_ends_without_a_panic(text in any_expression()) {
        let tree = yaml::parse(SourceId(0), "{a: 1, b: [x, y], c: {d: null}, e: '${NAME}'}".into());
        let root = tree.documents().next().and_then(|document| document.root).expect("a document");
        if let Ok(program) = compiled(&text) {
            let regexes = Regexes::default();
            let object = Shadow::of_manifest(root, None).to_value().expect("it is known");
            let mut evaluation = Evaluation::new(vec![object, Value::NULL, Data::Unknowable("").into()], &[], &regexes);
            let _ = evaluation.value(&program);
            evaluation.reasons(&program);
        }
    }

    #[test]
    fn whatever_is_written_is_read_without_a_panic(text in "[ -~äß\n]{0,60}", mixed in r#"([a-z]{1,3}|[0-9.]{1,3}|['"`]|[(){}\[\],.?:!&|+*/%<>= -]|\\[uUxX0-9n]|'[a-z]'){0,30}"#) {
        for text in [text, mixed] {
            if let Err(faults) = compiled(&text) {
                prop_assert!(faults.iter().all(|fault| text.is_char_boundary(fault.offset)));
            }
        }
    }
}
