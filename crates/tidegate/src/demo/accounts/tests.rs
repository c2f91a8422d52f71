use super::*;

const NOW_MS: i64 = 1_795_348_800_000;

#[tokio::test]
async fn a_second_start_takes_back_its_own_tokens_and_nobody_elses() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = Accounts::open(&dir.path().join("accounts.db"), [7; 32]).await.unwrap();
    let made = AccountMaker {
        accounts: &accounts,
        now_ms: NOW_MS,
    };
    made.user("ada", "ada").await.unwrap();
    let own = NewToken {
        user: "ada".to_owned(),
        kind: TokenKind::Personal,
        expires_ms: None,
        stations: None,
        name: "mine".to_owned(),
    };
    let own = accounts.token_create(&actor(), own, NOW_MS).await.unwrap();
    let first = DemoAccounts::assemble(&accounts, NOW_MS).await.unwrap();
    let second = DemoAccounts::assemble(&accounts, NOW_MS + 1).await.unwrap();
    let is_live = async |secret: &str| accounts.lookup(secret, NOW_MS + 2).await.unwrap().is_ok();
    assert!(is_live(own.secret.reveal()).await);
    assert!(!is_live(&first.viewers[0].token.0).await);
    assert!(is_live(&second.viewers[0].token.0).await);
    assert_eq!(first.viewers[0].station_id, second.viewers[0].station_id);
}
