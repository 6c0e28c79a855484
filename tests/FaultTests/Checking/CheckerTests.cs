namespace BackendGuide.FaultTests.Checking;

/// <summary>The checker finds each thing that can go wrong, and only that.</summary>
public sealed class CheckerTests
{
    private static SourceRecords Good => Story.Good.Sources[0];

    [Fact]
    public void Check_OfAGoodRun_FindsNothing()
    {
        var verdict = Checker.Check(Story.Good);

        Assert.True(verdict.IsClean, verdict.Explain());
        Assert.Equal(
            "acknowledged=4 events=4 lost=0 holes=0 order_breaks=0 duplicates_delivered=0 duplicate_effects=0 projection==source "
                + "stale_after_drain=0 unannounced=0 set_aside=0",
            verdict.ToString()
        );
    }

    [Fact]
    public void Check_OfAWriteOfUnknownOutcome_TakesItAsThereOrNot()
    {
        List<SentWrite> writes = [.. Story.Good.Writes.Without(3), Story.Good.Writes[3] with { Version = null }];
        writes.Add(writes[0] with { Marker = "never came", Version = null });

        var verdict = Checker.Check(Story.Good with { Writes = writes });

        Assert.True(verdict.IsClean, verdict.Explain());
        Assert.Equal((3, 2, 4), (verdict.Acknowledged, verdict.Unknown, verdict.Events));
    }

    [Fact]
    public void Check_OfAnAcknowledgedWriteWithoutEvent_FindsItLost()
    {
        List<SentWrite> writes = [.. Story.Good.Writes, Story.Good.Writes[0] with { Version = 4, Marker = "gone" }];

        FindsOne(Story.Good with { Writes = writes }, verdict => verdict.Lost, "gone");
    }

    [Fact]
    public void Check_OfTwoWritesAcknowledgedWithOneVersion_FindsOneLost()
    {
        List<SentWrite> writes = [.. Story.Good.Writes, Story.Good.Writes[0] with { Marker = "overwritten" }];

        FindsOne(Story.Good with { Writes = writes }, verdict => verdict.Lost, "overwritten");
    }

    [Fact]
    public void Check_OfAnEventThatNeverCameToTheProbe_FindsItLost() =>
        FindsOne(Story.Good with { Deliveries = Story.Good.Deliveries.Without(3) }, verdict => verdict.Lost, "/career/14");

    [Fact]
    public void Check_OfARowThatIsOlderThanAcknowledged_FindsItLost()
    {
        StateRow[] older = [Good.Rows[0] with { Version = 5 }, Good.Rows[1]];

        FindsOne(Story.With(source => source with { Rows = older, Copy = older }), verdict => verdict.Lost, "is at 5");
    }

    [Fact]
    public void Check_OfAFeedWithoutAPosition_FindsTheHole() =>
        FindsOne(Story.With(source => source with { Positions = source.Positions.Without(4) }), verdict => verdict.Holes, "/career/7");

    [Fact]
    public void Check_OfAFeedThatDoesNotBeginAfterItsFloor_FindsTheHole() =>
        FindsOne(Story.With(source => source with { Floor = 1 }), verdict => verdict.Holes, "/career/2 ");

    [Fact]
    public void Check_OfAnEventWithoutPosition_FindsTheHole() =>
        FindsOne(Story.With(source => source with { Unpositioned = 1 }), verdict => verdict.Holes, "no position");

    [Fact]
    public void Check_OfAConsumerThatHasNotTakenTheLast_FindsTheHole() =>
        FindsOne(Story.With(source => source with { Contiguous = 13 }), verdict => verdict.Holes, "/career/14");

    [Fact]
    public void Check_OfVersionsThatDescendInTheFeed_FindsTheBreak()
    {
        var versions = Good
            .Events.Swapped(0, 2)
            .Zip(Good.Events, (other, place) => place with { Version = other.Version, Marker = other.Marker });
        LoggedEvent[] events = [.. versions];

        FindsOne(
            Story.With(source => source with { Events = events }) with
            {
                Deliveries = [Story.Deliver(events[2]), Story.Deliver(events[1]), Story.Deliver(events[0]), Story.Deliver(events[3])],
            },
            verdict => verdict.OrderBreaks,
            "in the feed"
        );
    }

    [Fact]
    public void Check_OfAVersionThatTheFeedLeavesOut_FindsTheBreak()
    {
        LoggedEvent[] events = [.. Good.Events.Take(2), Good.Events[2] with { Version = 7 }, Good.Events[3]];

        FindsOne(
            Story.With(source => source with { Events = events }) with
            {
                Writes = Story.Good.Writes.Without(2),
                Deliveries = [.. events.Select(Story.Deliver)],
            },
            verdict => verdict.OrderBreaks,
            "version 7 after 5"
        );
    }

    [Fact]
    public void Check_OfFirstDeliveriesOutOfOrder_FindsTheBreak() =>
        FindsOne(Story.Good with { Deliveries = Story.Good.Deliveries.Swapped(0, 2) }, verdict => verdict.OrderBreaks, "at the probe");

    [Fact]
    public void Check_OfARedeliveryBehindALaterVersion_FindsNothing()
    {
        // The probe's connection ended with the first in it: only the broker knows that it was delivered.
        var late = Story.Good.Deliveries[0] with
        {
            Redelivered = true,
        };

        Assert.True(Checker.Check(Story.Good with { Deliveries = [.. Story.Good.Deliveries.Without(0), late] }).IsClean);
    }

    [Fact]
    public void Check_OfEffectsOutOfOrder_FindsTheBreak()
    {
        List<Effect> effects = [.. Good.Effects.Swapped(1, 3).Select((effect, index) => effect with { Order = index })];

        FindsOne(Story.With(source => source with { Effects = effects }), verdict => verdict.OrderBreaks, "in the copy");
    }

    [Fact]
    public void Check_OfEffectsThatSkipAVersion_FindsNothing() =>
        Assert.True(Checker.Check(Story.With(source => source with { Effects = source.Effects.Without(0) })).IsClean);

    [Fact]
    public void Check_OfAnEventDeliveredAgainAfterALaterOne_CountsItAndFindsNothing()
    {
        var verdict = Checker.Check(Story.Good with { Deliveries = [.. Story.Good.Deliveries, Story.Good.Deliveries[0]] });

        Assert.True(verdict.IsClean, verdict.Explain());
        Assert.Equal(1, verdict.DuplicatesDelivered);
    }

    [Fact]
    public void Check_OfALateDuplicateOfAnEarlierRun_DoesNotCountIt()
    {
        var late = Story.Good.Deliveries[0] with { Position = 10, Version = 4, Id = Guid.NewGuid() };

        var verdict = Checker.Check(Story.Good with { Deliveries = [.. Story.Good.Deliveries, late] });

        Assert.True(verdict.IsClean, verdict.Explain());
        Assert.Equal(0, verdict.DuplicatesDelivered);
    }

    [Fact]
    public void Check_OfAVersionAppliedTwice_FindsTheDuplicateEffect()
    {
        List<Effect> effects = [.. Good.Effects, Good.Effects[3] with { Order = 9 }];

        FindsOne(Story.With(source => source with { Effects = effects }), verdict => verdict.DuplicateEffects, "careers/b version 6");
    }

    [Fact]
    public void Check_OfADeliveryThatWasNeverCommitted_FindsTheGhost()
    {
        List<Delivery> deliveries = [.. Story.Good.Deliveries, Story.Deliver(new LoggedEvent(Guid.NewGuid(), 15, "careers/a", 7, ""))];

        FindsOne(Story.Good with { Deliveries = deliveries }, verdict => verdict.Ghosts, "version 7");
    }

    [Fact]
    public void Check_OfADeliveryOfAnotherEpoch_FindsTheGhost()
    {
        List<Delivery> deliveries =
        [
            .. Story.Good.Deliveries.Without(3),
            Story.Good.Deliveries[3],
            Story.Good.Deliveries[3] with
            {
                Epoch = Guid.NewGuid(),
            },
        ];

        FindsOne(Story.Good with { Deliveries = deliveries }, verdict => verdict.Ghosts, "version 6");
    }

    [Theory]
    [InlineData(5, "hash-a")]
    [InlineData(6, "hash-z")]
    public void Check_OfACopyThatDiffers_FindsIt(long version, string hash)
    {
        StateRow[] copy = [new("careers/a", version, hash), Good.Rows[1]];

        FindsOne(Story.With(source => source with { Copy = copy }), verdict => verdict.Differing, hash);
    }

    [Fact]
    public void Check_OfACopyThatLacksARow_FindsIt() =>
        FindsOne(Story.With(source => source with { Copy = [Good.Rows[0]] }), verdict => verdict.Differing, "missing in the copy");

    [Fact]
    public void Check_OfACopyOfWhatIsNot_FindsIt() =>
        FindsOne(
            Story.With(source => source with { Copy = [.. Good.Rows, new StateRow("careers/c", 1, "hash-c")] }),
            verdict => verdict.Differing,
            "missing in the source"
        );

    [Theory]
    [InlineData(5L, "version 5")]
    [InlineData(7L, "version 7")]
    [InlineData(null, "503")]
    public void Check_OfAReadThatIsNotTheSourcesVersion_FindsItStale(long? version, string answer) =>
        FindsOne(
            Story.With(source => source with { Served = [new("careers/a", version, answer), new("careers/b", 6, "version 6")] }),
            verdict => verdict.Stale,
            $"careers/a is read as {answer}"
        );

    [Fact]
    public void Check_OfAReadOfWhatTheSourceDoesNotHave_FindsItStale() =>
        FindsOne(
            Story.With(source => source with { Served = [new("careers/c", 1, "version 1"), new("careers/d", null, "404")] }),
            verdict => verdict.Stale,
            "careers/c"
        );

    [Fact]
    public void Check_OfEventsThatWereSetAside_FindsThem() =>
        FindsOne(
            Story.Good with
            {
                SetAside = [new("outbox_parked of /career", 0), new("career.topics.dead", 2)],
            },
            verdict => verdict.SetAside,
            "career.topics.dead has 2"
        );

    [Fact]
    public void Check_OfAPositionThatAServiceNeverAnnounced_FindsIt()
    {
        List<Announcement> said = [.. Story.Good.Announcements!.Without(3), new("content", Story.Source, 11, 13)];

        FindsOne(Story.Good with { Announcements = said }, verdict => verdict.Unannounced!, "content never announced /career/14");
    }

    [Fact]
    public void Check_OfARunInWhichNobodyListenedAllTheTime_DoesNotJudgeWhatWasAnnounced()
    {
        var verdict = Checker.Check(Story.Good with { Announcements = null });

        Assert.True(verdict.IsClean, verdict.Explain());
        Assert.Contains("unannounced=- ", verdict.ToString(), StringComparison.Ordinal);
    }

    // One finding, of the right kind, and not a word of another.
    private static void FindsOne(Observation observed, Func<Verdict, IReadOnlyList<string>> kind, string naming)
    {
        var verdict = Checker.Check(observed);

        Assert.Contains(naming, Assert.Single(kind(verdict)), StringComparison.Ordinal);
        Assert.Single(verdict.Violations);
    }
}
