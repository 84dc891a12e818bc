using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using static Confluent.Kafka.ErrorCode;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>Which errors end the process: those that trying again cannot make better.</summary>
public sealed class KafkaErrorKindsTests
{
    /// <summary>The codes that say nothing of what to do, or that pass by themselves.</summary>
    private static readonly ErrorCode[] Unexpected =
    [
        // The group moves or is being rebalanced: members join again.
        GroupLoadInProgress, GroupCoordinatorNotAvailable, NotCoordinatorForGroup, IllegalGeneration, UnknownMemberId,
        RebalanceInProgress, MemberIdRequired,
        GroupMaxSizeReached, UnreleasedInstanceId, FencedMemberEpoch, StaleMemberEpoch, NonEmptyGroup, GroupSubscribedToTopic,
        UnstableOffsetCommit,
        Local_WaitCoord, Local_UnknownGroup, Local_MaxPollExceeded, Local_AssignPartitions, Local_RevokePartitions,
        Local_AssignmentLost,

        // Leaders and topics move, or are made anew.
        UnknownTopicOrPart, UnknownTopicId, LeaderNotAvailable, NotLeaderForPartition, ReplicaNotAvailable, NotEnoughReplicas,
        NotEnoughReplicasAfterAppend,
        FencedLeaderEpoch, UnknownLeaderEpoch, OffsetNotAvailable, OffsetOutOfRange, PreferredLeaderNotAvailable,
        EligibleLeadersNotAvailable, ElectionNotNeeded,
        KafkaStorageError, LogDirNotFound, ListenerNotFound, ReassignmentInProgress, NoReassignmentInProgress, NotController,
        StaleCtrlEpoch, StaleBrokerEpoch,
        TopicAlreadyExists, TopicDeletionDisabled, FetchSessionIdNotFound, InvalidFetchSessionEpoch, RebootstrapRequired,
        ThrottlingQuotaExceeded,
        Local_UnknownTopic, Local_UnknownPartition, Local_UnknownBroker, Local_NodeUpdate, Local_WaitCache, Local_IsrInsuff,
        Local_AutoOffsetReset, Local_LogTruncation,

        // A record, or one request.
        InvalidMsg, InvalidRecord, InvalidRequest, DuplicateSequenceNumber, OutOfOrderSequenceNumber, UnknownProducerId,
        InvalidProducerEpoch, InvalidProducerIdMapping,
        Local_BadMsg, Local_BadCompression, Local_KeySerialization, Local_ValueSerialization, Local_KeyDeserialization,
        Local_ValueDeserialization,
        Local_InvalidDifferentRecord, Local_Partial, Local_Underflow, Local_Inconsistent, Local_QueueFull, Local_PurgeQueue,
        Local_PurgeInflight,

        // What no request of ours is answered with.
        InvalidTxnState, ConcurrentTransactions, OperationNotAttempted, ResourceNotFound, DuplicateResource, InconsistentVoterSet,
        InvalidUpdateVersion, FeatureUpdateFailed,
        UnknownSubscriptionId, TelemetryTooLarge,

        // Says nothing of what to do.
        Unknown, NoError, Local_Fail, Local_FS, Local_PartitionEOF, Local_InProgress, Local_PrevInProgress, Local_State,
        Local_NoOffset, Local_Outdated, Local_Intr,
        Local_NoEnt, Local_Retry, Local_Noop, Local_Destroy, Local_DestroyBroker,
    ];

    [Fact]
    public void Every_code_has_been_thought_of() => Assert.DoesNotContain(
        Enum.GetValues<ErrorCode>(), code => KafkaErrorKinds.Kinds.ContainsKey(code) == Unexpected.Contains(code));

    [Theory]
    [InlineData(ErrorCode.InvalidSessionTimeout, "Kafka:Client:session.timeout.ms")]
    [InlineData(ErrorCode.InconsistentGroupProtocol, "Kafka:Client:group.protocol")]
    [InlineData(ErrorCode.InvalidGroupId, "Kafka:GroupId")]
    [InlineData(ErrorCode.UnsupportedVersion, "Kafka:Client:group.protocol=consumer needs Kafka 4")]
    [InlineData(ErrorCode.PolicyViolation, "Kafka:PanesPartitions")]
    public void A_wrong_setting_is_fatal_and_named(ErrorCode code, string named)
    {
        var error = new Error(code, "Broker: no");
        Assert.Equal(KafkaErrorKind.Fatal, error.Kind());
        Assert.StartsWith($"Broker: no ({code}): ", error.Text(), StringComparison.Ordinal);
        Assert.Contains(named, error.Text(), StringComparison.Ordinal);
    }

    /// <summary>One broker, while the brokers' listeners are changed one after the other.</summary>
    [Theory]
    [InlineData(ErrorCode.UnsupportedSaslMechanism, "Kafka:Client:sasl.mechanism")]
    [InlineData(ErrorCode.IllegalSaslState, "Kafka:Client:security.protocol")]
    public void What_one_broker_may_refuse_is_waited_for_and_its_setting_is_named(ErrorCode code, string named)
    {
        var error = new Error(code, "Broker: no");
        Assert.Equal(KafkaErrorKind.Denied, error.Kind());
        Assert.Contains(named, error.Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ErrorCode.FencedInstanceId)]
    [InlineData(ErrorCode.Local_Fatal)]
    [InlineData(ErrorCode.Local_GaplessGuarantee)]
    public void A_client_that_is_of_no_more_use_is_fatal_without_advice(ErrorCode code)
    {
        var error = new Error(code, "Broker: no");
        Assert.Equal(KafkaErrorKind.Fatal, error.Kind());
        Assert.Equal("Broker: no", error.Text());
    }

    /// <summary>Also what rights, passwords and topics may be tomorrow.</summary>
    [Theory]
    [InlineData(ErrorCode.Local_AllBrokersDown)]
    [InlineData(ErrorCode.NotCoordinatorForGroup)]
    [InlineData(ErrorCode.UnknownMemberId)]
    [InlineData(ErrorCode.Local_MaxPollExceeded)]
    [InlineData(ErrorCode.UnknownTopicOrPart)]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    [InlineData(ErrorCode.Local_Authentication)]
    [InlineData(ErrorCode.GroupMaxSizeReached)]
    public void What_may_get_better_by_itself_is_waited_for(ErrorCode code)
    {
        Assert.NotEqual(KafkaErrorKind.Fatal, new Error(code, "").Kind());
        Assert.Null(KafkaErrorKinds.Advice(code));
        Assert.Equal(KafkaErrorKind.Fatal, new Error(code, "", isFatal: true).Kind());
    }

    [Fact]
    public void The_cause_of_a_request_about_several_partitions_is_that_of_the_one_that_failed()
    {
        var partition = new TopicPartition("t", 0);
        var problem = new TopicPartitionOffsetException(
            [new(partition, 1, new Error(ErrorCode.NoError)), new(partition, 1, new Error(ErrorCode.InvalidGroupId))]);
        Assert.Equal(ErrorCode.InvalidGroupId, problem.Cause().Code);
    }
}
