use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).expect("hexadecimal digits")
}

fn key(first: u8) -> VaultKey {
    VaultKey::from_bytes((first..first + 32).collect::<Vec<u8>>()).expect("a key")
}

fn cipher(first: u8) -> Cipher {
    Cipher::new(&key(first)).expect("a cipher")
}

fn place(r#ref: &str, index: u32, field: Field) -> Place<'_> {
    Place { r#ref, index, field }
}

/// Test cases 13 to 16 of the GCM specification that NIST adopted (AES-256): key, nonce, text, associated data, sealed
/// text, tag.
const NIST: &[[&str; 6]] = &[
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "",
        "",
        "530f8afbc74536b9a963b4f1c4cb738b",
    ],
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "00000000000000000000000000000000",
        "",
        "cea7403d4d606b6e074ec5d3baf39d18",
        "d0d1c8a799996bf0265b98b5d48ab919",
    ],
    [
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        "",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
        "b094dac5d93471bdec1a502270e3cc6c",
    ],
    [
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ],
];

#[test]
fn the_cipher_gives_nists_answers() {
    for [key, nonce, text, associated, sealed, tag] in NIST {
        let aes = Aes256Gcm::new_from_slice(&hex(key)).expect("32 bytes");
        let nonce = Nonce::try_from(hex(nonce).as_slice()).expect("12 bytes");
        let mut bytes = hex(text);
        let made = aes.encrypt_inout_detached(&nonce, &hex(associated), bytes.as_mut_slice().into());
        assert_eq!(
            (HEXLOWER.encode(&bytes), HEXLOWER.encode(&made.expect("a tag"))),
            ((*sealed).into(), (*tag).into())
        );
        let tag = Tag::try_from(hex(tag).as_slice()).expect("16 bytes");
        aes.decrypt_inout_detached(&nonce, &hex(associated), bytes.as_mut_slice().into(), &tag)
            .expect("opens");
        assert_eq!(HEXLOWER.encode(&bytes), *text);
    }
}

/// Made once by another implementation (OpenSSL, by Python's `cryptography`) from docs/vault-format.md alone.
const GOLDEN: &str = include_str!("golden.txt");

#[test]
fn records_of_version_1_open_for_ever() {
    let cipher = cipher(0);
    let mut lines = 0;
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split('|').collect();
        let [r#ref, index, field, text, sealed] = parts[..] else { panic!("five parts: {line}") };
        let place = place(r#ref, index.parse().expect("an index"), Field::from_word(field).expect("a field"));
        let opened = open(std::slice::from_ref(&cipher), place, &hex(sealed)).expect("opens");
        assert_eq!(opened.expose(), text);
        let nonce = hex(sealed)[NONCE_AT..TEXT_AT].try_into().expect("a nonce");
        assert_eq!(HEXLOWER.encode(&cipher.seal_with(nonce, place, text.as_bytes())), sealed);
        lines += 1;
    }
    assert_eq!(lines, 4);
}

#[test]
fn a_card_sealed_by_the_documentations_code_opens() {
    // Made with the JavaScript of the service's documentation under Node.js.
    let shop =
        VaultKey::parse("8f0c1d7e3b5a69482716f5e4d3c2b1a00f1e2d3c4b5a69788796a5b4c3d2e1f0").expect("a key");
    let iv = hex(DOCUMENTED[0]).try_into().expect("16 bytes");
    let tag = hex(DOCUMENTED[2]).try_into().expect("16 bytes");
    let opened = open_documented(&shop, iv, &hex(DOCUMENTED[1]), tag).expect("opens");
    assert_eq!(opened.expose(), "123456789012");
    assert_eq!(open_documented(&key(7), iv, &hex(DOCUMENTED[1]), tag), Err(Fault::Tampered));
}

/// IV, text, tag.
const DOCUMENTED: [&str; 3] =
    ["1958028c44350521d34b241acbba7897", "b52a980cd1f18479734be619", "3a6f1b0af1089e19439c19cfa3ed69c1"];

#[test]
fn another_key_is_lost_not_tampered() {
    let sealed = cipher(0).seal(place("order-1", 0, Field::Code), &"123".into()).expect("sealed");
    let opened = open(&[cipher(1)], place("order-1", 0, Field::Code), &sealed);
    assert_eq!(opened, Err(Fault::KeyLost(key(0).key_id())));
    let both = [cipher(1), cipher(0)];
    assert_eq!(open(&both, place("order-1", 0, Field::Code), &sealed).expect("opens").expose(), "123");
    assert_eq!(key_of(&sealed), Ok(key(0).key_id()));
}

#[test]
fn every_nonce_is_fresh() {
    let cipher = cipher(0);
    let seal = |_| cipher.seal(place("order-1", 0, Field::Code), &"123".into()).expect("sealed");
    let nonces: std::collections::HashSet<Vec<u8>> =
        (0..10_000).map(seal).map(|sealed| sealed[NONCE_AT..TEXT_AT].to_vec()).collect();
    assert_eq!(nonces.len(), 10_000);
}

fn any_field() -> impl Strategy<Value = Field> {
    prop::sample::select(&Field::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_was_sealed_opens_in_its_place(text in ".{0,80}", r#ref in ".{0,40}", index: u32, field in any_field()) {
        let cipher = cipher(3);
        let place = place(&r#ref, index, field);
        let sealed = cipher.seal(place, &text.as_str().into()).expect("sealed");
        prop_assert_eq!(sealed.len(), text.len() + TEXT_AT + TAG_LENGTH);
        prop_assert!(text.len() < 4 || !sealed.windows(text.len()).any(|window| window == text.as_bytes()));
        let opened = open(&[cipher], place, &sealed).expect("opens");
        prop_assert_eq!(opened.expose(), &text);
    }

    #[test]
    fn no_bit_may_change(text in ".{0,40}", at: prop::sample::Index, bit in 0u8..8) {
        let cipher = cipher(3);
        let place = place("order-1", 2, Field::Serial);
        let mut sealed = cipher.seal(place, &text.as_str().into()).expect("sealed");
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        let fault = open(&[cipher], place, &sealed).expect_err("does not open");
        let is_in_key_id = (KEY_AT..NONCE_AT).contains(&at);
        prop_assert_eq!(matches!(fault, Fault::KeyLost(_)), is_in_key_id);
    }

    #[test]
    fn nothing_opens_in_another_place(
        one in ("[a-z/]{0,6}", 0u32..3, any_field()),
        other in ("[a-z/]{0,6}", 0u32..3, any_field()),
    ) {
        prop_assume!(one != other);
        let cipher = cipher(3);
        let sealed = cipher.seal(place(&one.0, one.1, one.2), &"123".into()).expect("sealed");
        prop_assert_eq!(open(&[cipher], place(&other.0, other.1, other.2), &sealed), Err(Fault::Tampered));
    }

    #[test]
    fn any_bytes_are_opened_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..120), has_magic: bool, cut: prop::sample::Index) {
        let cipher = cipher(3);
        let mut sealed = if has_magic { [&MAGIC[..], &cipher.id.0, &bytes].concat() } else { bytes };
        let _ = key_of(&sealed);
        let place = place("r", 0, Field::Code);
        prop_assert!(open(std::slice::from_ref(&cipher), place, &sealed).is_err());
        sealed = cipher.seal(place, &"123456".into()).expect("sealed");
        sealed.truncate(cut.index(sealed.len()));
        prop_assert!(open(&[cipher], place, &sealed).is_err());
    }
}
