use super::*;
use crate::testing::KEY;

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

/// One that asks for no longer than a moment.
fn hurried() -> Hashing {
    Hashing {
        wait_max: Duration::from_millis(1),
        ..Hashing::new(&KEY)
    }
}

#[tokio::test]
async fn a_password_is_its_own_and_nobody_elses() {
    let hashing = Hashing::new(&KEY);
    let kept = hashing.hash(password("correct horse")).await.unwrap();
    assert!(
        hashing
            .is_of(password("correct horse"), Some(kept.clone()))
            .await
            .unwrap()
    );
    for other in ["correct hors", "correct horse ", "Correct horse", ""] {
        assert!(
            !hashing.is_of(password(other), Some(kept.clone())).await.unwrap(),
            "{other}"
        );
    }
    assert!(!hashing.is_of(password("correct horse"), None).await.unwrap());
}

#[tokio::test]
async fn two_hashes_of_one_password_have_nothing_in_common() {
    let hashing = Hashing::new(&KEY);
    let hashes = [password("correct horse"), password("correct horse")].map(|password| hashing.hash(password));
    let [one, other] = futures(hashes).await;
    assert_ne!(one.rsplit('$').next(), other.rsplit('$').next());
    assert_ne!(one.rsplit('$').nth(1), other.rsplit('$').nth(1));
}

async fn futures(hashes: [impl Future<Output = Result<String, AccountsError>>; 2]) -> [String; 2] {
    let [one, other] = hashes;
    let (one, other) = tokio::join!(one, other);
    [one.unwrap(), other.unwrap()]
}

#[tokio::test]
async fn without_the_key_what_is_kept_fits_no_password() {
    let kept = Hashing::new(&KEY).hash(password("correct horse")).await.unwrap();
    let without = Hashing::new(&[8; 32]);
    assert!(!without.is_of(password("correct horse"), Some(kept)).await.unwrap());
}

#[tokio::test]
async fn what_was_never_written_here_is_a_fault_and_no_wrong_password() {
    let hashing = Hashing::new(&KEY);
    let error = hashing
        .is_of(password("any"), Some("plain".to_owned()))
        .await
        .unwrap_err();
    assert!(matches!(error, AccountsError::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn whoever_finds_no_place_is_told_to_come_back_also_where_nothing_is_kept() {
    let hashing = Hashing::new(&KEY);
    let kept = hashing.hash(password("correct horse")).await.unwrap();
    let places = u32::try_from(bounds::HASHES_ASKED_MAX).unwrap();
    let held = hashing.places.acquire_many(places).await.unwrap();
    for kept in [Some(kept.clone()), None] {
        let error = hashing.is_of(password("correct horse"), kept).await.unwrap_err();
        assert!(matches!(error, AccountsError::Busy) && !error.is_refusal(), "{error}");
    }
    drop(held);
    assert!(hashing.is_of(password("correct horse"), Some(kept)).await.unwrap());
}

#[tokio::test]
async fn a_wait_for_a_turn_ends_at_its_bound_also_where_nothing_is_kept() {
    let hashing = hurried();
    let kept = Hashing::new(&KEY).hash(password("correct horse")).await.unwrap();
    let turns = u32::try_from(bounds::HASHES_AT_ONCE_MAX).unwrap();
    let held = hashing.at_work.acquire_many(turns).await.unwrap();
    for kept in [Some(kept), None] {
        let error = hashing.is_of(password("correct horse"), kept).await.unwrap_err();
        assert!(matches!(error, AccountsError::Busy), "{error}");
    }
    drop(held);
    assert_eq!(hashing.places.available_permits(), bounds::HASHES_ASKED_MAX);
}

#[tokio::test]
async fn a_turn_that_nobody_waits_for_any_more_is_held_until_its_hash_is_done() {
    let hashing = Hashing::new(&KEY);
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (end, ended) = std::sync::mpsc::sync_channel::<()>(1);
    let work = hashing.run(move |_| {
        let _ = begun.send(());
        let _ = ended.recv();
    });
    tokio::select! {
        _ = work => unreachable!("it waits to be ended"),
        begun = has_begun => begun.unwrap(),
    }
    assert_eq!(hashing.at_work.available_permits(), bounds::HASHES_AT_ONCE_MAX - 1);
    end.send(()).unwrap();
    let all = u32::try_from(bounds::HASHES_AT_ONCE_MAX).unwrap();
    drop(hashing.at_work.acquire_many(all).await.unwrap());
}
