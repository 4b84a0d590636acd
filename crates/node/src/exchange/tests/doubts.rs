//! A group whose card was signed twice, and what people do about it.

use super::nodes::{Listening, store};
use crate::exchange::Exchange;
use crate::exchange::identity::Renewal;
use meridian_federation::envelope::Envelope;

/// The group's next card, with another address.
async fn renewed(exchange: &Exchange, node: &Listening, url: &str) -> Envelope {
    let url = Some(url.to_owned());
    let renewal = Renewal {
        url,
        ..Renewal::default()
    };
    let renewed = exchange.renew_card("berlin", &node.recovery, renewal);
    assert_eq!(renewed.await.expect("a card"), 2);
    let document = exchange.document().await.expect("its own card");
    document.card
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_cards_is_chosen_and_no_other() {
    let (one, other) = (
        Listening::begin("tokyo").await,
        Listening::begin("berlin").await,
    );
    one.meet(&other).await;
    let space = one.open(&[&other]).await;
    // Two nodes from one backup, which each sign the card of version 2.
    let twin = tempfile::tempdir().expect("a folder");
    let backup = twin.path().join("meridian.db");
    other.state.store.copy_to(&backup).await.expect("a backup");
    let beside = Exchange::of(&store(twin.path()).await, twin.path());
    let cards = [
        renewed(&other.state.exchange, &other, "https://one.example").await,
        renewed(&beside, &other, "https://two.example").await,
    ];
    let (desk, sight) = one.desk(space).await;
    assert!(desk.doubts_of(&sight).await.expect("a look").is_empty());
    for card in cards {
        let take = one
            .state
            .exchange
            .change(move |node| Ok(((), node.take_card(&card))));
        take.await.expect("it is taken");
    }

    let (desk, sight) = one.desk(space).await;
    let doubts = desk.doubts_of(&sight).await.expect("a look");
    let doubt = doubts.first().expect("a doubt");
    assert_eq!((doubt.group.as_str(), doubt.version), ("g1", 2));
    let urls = doubt.cards.iter().map(|of| of.url.as_str());
    let chosen = doubt
        .cards
        .iter()
        .find(|of| of.url == "https://two.example");
    let chosen = &chosen.expect("both are shown").card;
    assert_eq!(urls.count(), 2);
    assert!(desk.choose(&sight, "g1", "another").await.is_err());
    assert!(desk.choose(&sight, "g0", chosen).await.is_err());
    desk.choose(&sight, "g1", chosen)
        .await
        .expect("it is chosen");

    let (desk, sight) = one.desk(space).await;
    assert!(desk.doubts_of(&sight).await.expect("a look").is_empty());
    let group = other.group;
    let look = move |node: &meridian_federation::Node| {
        let card = node.trust().card(&group).expect("a card");
        card.card().url.clone()
    };
    let url = one.state.exchange.look(look).await.expect("a look");
    assert_eq!(url, "https://two.example");
    assert!(sight.state.doubts.is_empty());
}
