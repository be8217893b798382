use super::*;
use crate::deliver::Renderers;
use crate::scenario::{World, refused};
use domain::delivery::DeliveryRefusal;
use domain::endpoint::EndpointRefusal;
use domain::id::EndpointId;

#[tokio::test]
async fn what_is_not_there_is_not_replayed() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let id = DeliveryId::from_bytes([9; 16]);
    assert_eq!(world.engine.find_delivery(programme.id, id).await.unwrap(), None);
    let missing = refused(world.engine.replay_delivery(programme.id, id).await);
    assert_eq!(missing, DeliveryRefusal::Missing.into());
    let endpoint = EndpointId::from_bytes([9; 16]);
    let missing = world.engine.replay_missed(programme.id, endpoint).await;
    assert_eq!(refused(missing), EndpointRefusal::Missing.into());
    let (range, nobody) = (TimeRange::default(), Renderers::default());
    let missing = world.engine.replay_range(programme.id, endpoint, range, &nobody).await;
    assert_eq!(refused(missing), EndpointRefusal::Missing.into());
    let filter = DeliveryFilter { limit: 10, ..DeliveryFilter::default() };
    assert_eq!(world.engine.deliveries(programme.id, filter).await.unwrap(), []);
}
