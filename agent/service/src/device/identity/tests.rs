use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fileward_protocol::enrol::EnrolAnswer;
use rcgen::{CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa};

use super::*;
use crate::device::enrolling::Enrolling;

type Ca = CertifiedIssuer<'static, KeyPair>;

fn ca() -> Ca {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

fn answer(ca: &Ca, request: &str) -> EnrolAnswer {
    let request = CertificateSigningRequestParams::from_pem(request).unwrap();
    EnrolAnswer {
        device: DeviceId::new(),
        certificate: request.signed_by(ca).unwrap().pem(),
        roots: vec![ca.pem()],
        roots_serial: 1,
        policy_key: STANDARD.encode([1; 32]),
        company_key: STANDARD.encode([7; 32]),
        binding: Binding::Pending,
        server_time: "2026-11-21T08:00:00Z".parse().unwrap(),
    }
}

fn enrol(data_dir: &Path) -> DeviceId {
    let ca = ca();
    let enrolling = Enrolling::start(data_dir).unwrap();
    let answer = answer(&ca, &enrolling.request().unwrap());
    enrolling.finish("https://collector.example:8443/", &answer).unwrap();
    answer.device
}

#[test]
fn without_enrolment_a_company_key_of_its_own_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = Identity::load(folder.path()).unwrap();
    assert!(first.enrolment().is_none());
    assert_eq!(
        Identity::load(folder.path()).unwrap().company_key(),
        first.company_key()
    );
}

#[test]
fn an_enrolment_is_loaded_as_it_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    Identity::load(folder.path()).unwrap();
    let device = enrol(folder.path());
    let identity = Identity::load(folder.path()).unwrap();
    assert_eq!(identity.company_key(), &CompanyKey::new([7; 32]));
    let enrolment = identity.enrolment().unwrap();
    assert_eq!(enrolment.device(), device);
    assert_eq!(enrolment.collector(), "https://collector.example:8443");
    assert_eq!(enrolment.binding(), Binding::Pending);
}

#[test]
fn a_collector_that_moved_is_reached_at_its_new_address_which_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    enrol(folder.path());
    let moved = CollectorAddress::try_from("https://new.example".to_owned()).unwrap();
    let identity = Identity::load(folder.path()).unwrap().reached_at(Some(&moved));
    let mut enrolment = identity.into_enrolment().unwrap();
    assert_eq!(enrolment.collector(), "https://new.example");
    enrolment.keep_binding(Binding::Bound).unwrap();
    let kept = Identity::load(folder.path()).unwrap().reached_at(None);
    assert_eq!(kept.enrolment().unwrap().collector(), "https://collector.example:8443");
}

#[test]
fn every_file_of_an_enrolment_is_private() {
    let folder = tempfile::tempdir().unwrap();
    enrol(folder.path());
    for file in fs::read_dir(folder.path().join(FOLDER)).unwrap() {
        assert!(private::is_private(&file.unwrap().path()));
    }
}

#[test]
fn an_enrolment_that_was_not_completed_asks_again_with_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let first = Enrolling::start(folder.path()).unwrap();
    let again = Enrolling::start(folder.path()).unwrap();
    let key = |enrolling: &Enrolling| {
        let request = CertificateSigningRequestParams::from_pem(&enrolling.request().unwrap()).unwrap();
        request.public_key.der_bytes().to_vec()
    };
    assert_eq!(key(&first), key(&again));
}

#[test]
fn enrolling_anew_makes_a_new_key_and_leaves_nothing_of_the_former_one() {
    let folder = tempfile::tempdir().unwrap();
    enrol(folder.path());
    let former = fs::read(folder.path().join(FOLDER).join(KEY)).unwrap();
    let device = enrol(folder.path());
    assert_ne!(fs::read(folder.path().join(FOLDER).join(KEY)).unwrap(), former);
    assert_eq!(enrolled_device(folder.path()), Some(device));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_crash_between_the_two_renames_is_made_good() {
    let folder = tempfile::tempdir().unwrap();
    let device = enrol(folder.path());
    fs::rename(folder.path().join(FOLDER), folder.path().join("enrolling")).unwrap();
    let identity = Identity::load(folder.path()).unwrap();
    assert_eq!(identity.enrolment().unwrap().device(), device);
}

#[test]
fn an_answer_for_another_key_is_refused_and_the_former_identity_stays() {
    let folder = tempfile::tempdir().unwrap();
    let device = enrol(folder.path());
    let other = rcgen::CertificateParams::default()
        .serialize_request(&KeyPair::generate().unwrap())
        .unwrap();
    let ca = ca();
    let enrolling = Enrolling::start(folder.path()).unwrap();
    let error = enrolling
        .finish("https://c", &answer(&ca, &other.pem().unwrap()))
        .unwrap_err();
    assert!(error.to_string().contains("another key"), "{error}");
    assert_eq!(
        Identity::load(folder.path()).unwrap().enrolment().unwrap().device(),
        device
    );
}

#[test]
fn each_broken_file_is_named_with_what_to_do() {
    for file in [KEY, CERTIFICATE, ROOTS, ENROLMENT, COMPANY_KEY] {
        for content in [Some("\u{fffd}{"), Some(""), None] {
            let folder = tempfile::tempdir().unwrap();
            enrol(folder.path());
            let path = folder.path().join(FOLDER).join(file);
            match content {
                Some(content) => fs::write(&path, content).unwrap(),
                // Without its record there is no enrolment at all, which is no error.
                None if file == ENROLMENT => continue,
                None => fs::remove_file(&path).unwrap(),
            }
            let error = Identity::load(folder.path()).err().unwrap().to_string();
            assert!(
                error.contains(path.to_str().unwrap()) && error.contains("enrol --token -"),
                "{error}"
            );
        }
    }
}

#[test]
fn a_certificate_of_another_key_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    enrol(folder.path());
    let path = folder.path().join(FOLDER).join(CERTIFICATE);
    fs::write(&path, ca().pem()).unwrap();
    let error = Identity::load(folder.path()).err().unwrap().to_string();
    assert!(error.contains("not made for the key"), "{error}");
}

#[test]
fn what_a_contact_changes_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    enrol(folder.path());
    let mut enrolment = Identity::load(folder.path()).unwrap().into_enrolment().unwrap();
    enrolment.keep_binding(Binding::Bound).unwrap();
    enrolment.keep_bundle_serial(9).unwrap();
    enrolment
        .keep_roots(&Roots {
            roots: vec![ca().pem(), ca().pem()],
            roots_serial: 2,
        })
        .unwrap();
    let request = CertificateSigningRequestParams::from_pem(&super::enrolling::request(enrolment.key()).unwrap());
    let renewed = request.unwrap().signed_by(&ca()).unwrap();
    assert!(enrolment.is_certified_under_former_roots());
    enrolment.keep_certificate(&renewed.pem(), 2).unwrap();

    let kept = Identity::load(folder.path()).unwrap().into_enrolment().unwrap();
    assert_eq!(
        (kept.binding(), kept.bundle_serial(), kept.roots_serial()),
        (Binding::Bound, 9, 2)
    );
    assert!(!kept.is_certified_under_former_roots());
    assert_eq!(kept.roots().len(), 2);
    assert_eq!(kept.certificate()[0], *renewed.der());
}

#[test]
fn roots_that_cannot_be_read_do_not_replace_the_old_ones() {
    let folder = tempfile::tempdir().unwrap();
    enrol(folder.path());
    let mut enrolment = Identity::load(folder.path()).unwrap().into_enrolment().unwrap();
    for roots in [vec![], vec!["nonsense".to_owned()]] {
        assert!(enrolment.keep_roots(&Roots { roots, roots_serial: 2 }).is_err());
    }
    let kept = Identity::load(folder.path()).unwrap().into_enrolment().unwrap();
    assert_eq!((kept.roots().len(), kept.roots_serial()), (1, 1));
}

#[test]
fn a_service_with_the_former_identity_does_not_write_into_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    enrol(folder.path());
    let mut former = Identity::load(folder.path()).unwrap().into_enrolment().unwrap();
    let device = enrol(folder.path());
    assert!(matches!(
        former.keep_binding(Binding::Bound),
        Err(IdentityError::Replaced)
    ));
    let kept = Identity::load(folder.path()).unwrap().into_enrolment().unwrap();
    assert_eq!((kept.device(), kept.binding()), (device, Binding::Pending));
}
