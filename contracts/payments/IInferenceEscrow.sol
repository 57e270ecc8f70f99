// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Where answers are paid for
/// @notice Payers deposit OPEN and sign vouchers; nodes settle them in batches together with the receipts of the answers.
/// What is settled is divided at once; what falls to contributors goes to the reward vault, for its roots to divide.
/// @dev A channel is (payer, node, model). A voucher states all that the channel may ever have cost, so a later one replaces
/// an earlier one, and presenting one again moves nothing. The escrow trusts the registry for who owns what, OPEN to take
/// no fee on transfer, and governance, which sets rates within their caps and can upgrade the escrow, but only after the
/// timelock's delay, in which a payer can leave.
interface IInferenceEscrow {
    /// @notice What a payer signs (EIP-712; domain name "OpenLedger Inference", version "1").
    /// @param payer whose deposit pays
    /// @param node who may settle
    /// @param modelId what was asked
    /// @param cumulativeWei limit of what the channel may have cost in all
    /// @param expiresAt last second in which the node may settle it
    struct Voucher {
        address payer;
        address node;
        bytes32 modelId;
        uint128 cumulativeWei;
        uint64 expiresAt;
    }

    /// @notice A voucher as its node settles it. Its node is the sender and its model the group's, so neither is repeated.
    /// @param cumulativeWei as signed
    /// @param expiresAt as signed
    /// @param spentWei what the channel really cost in all, at most `cumulativeWei`
    /// @param signature of the payer or of one of its signers, 64 (ERC-2098) or 65 bytes, or what an ERC-1271 payer accepts
    struct Settlement {
        address payer;
        uint256 cumulativeWei;
        uint256 expiresAt;
        uint256 spentWei;
        bytes signature;
    }

    /// @notice What a batch settles for one model.
    struct ModelSettlements {
        bytes32 modelId;
        Settlement[] settlements;
    }

    /// @notice The receipts behind a batch of settlements.
    /// @param receiptsRoot Merkle root of the receipts' hashes
    /// @param receiptsDigest digest of the published batch
    /// @param receiptCount receipts in the batch, at least 1
    /// @param firstSequence sequence number of the first; the node's numbers have no gap
    /// @param lastReceiptHash the receipt that the next batch's first must name as its predecessor
    /// @param totalWei sum of the receipts' prices, and of what is settled
    struct ReceiptBatch {
        bytes32 receiptsRoot;
        bytes32 receiptsDigest;
        uint32 receiptCount;
        uint64 firstSequence;
        bytes32 lastReceiptHash;
        uint128 totalWei;
    }

    /// @notice Parts per million of a settled amount. What they leave is the contributors'.
    struct Rates {
        uint32 protocolPpm;
        uint32 nodePpm;
        uint32 baseOwnerPpm;
        uint32 adapterOwnerPpm;
        uint32 stakersPpm;
    }

    /// @notice How a settled amount was divided. The parts sum to it.
    struct Division {
        uint256 amountWei;
        uint256 protocolWei;
        uint256 nodeWei;
        uint256 baseOwnerWei;
        uint256 adapterOwnerWei;
        uint256 stakersWei;
        uint256 contributorsWei;
    }

    /// @notice A payer's balance grew.
    event Deposited(address indexed payer, address indexed from, uint256 amountWei);
    /// @notice `amountWei` can be withdrawn from `until` on, as far as it is not spent by then.
    event Thawing(address indexed payer, uint256 amountWei, uint256 until);
    /// @notice A payer took back what had thawed.
    event Withdrawn(address indexed payer, address indexed to, uint256 amountWei);
    /// @notice An account may, or may no longer, sign vouchers for the payer.
    event SignerSet(address indexed payer, address indexed signer, bool allowed);
    /// @notice Somebody took what they earned.
    event EarningsWithdrawn(address indexed account, address indexed to, uint256 amountWei);
    /// @notice A channel was settled as part of batch `batch`; the sum of its amounts is how far it is settled.
    /// `contributorsWei` is what contributors get of `amountWei`; `Divided` says who got the rest.
    event Settled(
        address indexed payer,
        address indexed node,
        bytes32 indexed modelId,
        uint64 batch,
        uint256 amountWei,
        uint256 contributorsWei
    );
    /// @notice How a batch's settlements of one model, which precede this, were divided. The parts sum to `amountWei`.
    event Divided(
        uint64 indexed batch,
        bytes32 indexed modelId,
        uint256 amountWei,
        uint256 protocolWei,
        uint256 nodeWei,
        uint256 baseOwnerWei,
        uint256 adapterOwnerWei,
        uint256 stakersWei,
        uint256 contributorsWei
    );
    /// @notice What the stakers of a model earned went to its pool, or, if nobody stakes any more, to the treasury.
    event StakersPaid(bytes32 indexed poolId, uint256 amountWei, bool staked);
    /// @notice A node's receipts were anchored; the `Settled` events of the batch follow. Batch numbers are global, from 1.
    event ReceiptsAnchored(
        address indexed node,
        uint64 indexed batch,
        bytes32 receiptsRoot,
        bytes32 receiptsDigest,
        uint32 receiptCount,
        uint64 firstSequence,
        bytes32 lastReceiptHash,
        uint256 totalWei
    );
    /// @notice The waterfall's rates changed, for settlements from now on.
    event RatesChanged(
        uint32 protocolPpm,
        uint32 nodePpm,
        uint32 baseOwnerPpm,
        uint32 adapterOwnerPpm,
        uint32 stakersPpm
    );
    /// @notice The contributors' pool went to the reward vault.
    event Swept(uint256 amountWei);

    /// @notice An amount that must be given is zero.
    error EscrowZeroAmount();
    /// @notice An address that must be given is zero.
    error EscrowZeroAddress();
    /// @notice The payer has not enough that is not thawing.
    error EscrowNothingToThaw(address payer, uint256 amountWei, uint256 availableWei);
    /// @notice So many thaws run already; withdraw one first.
    error EscrowTooManyThaws(address payer, uint256 limit);
    /// @notice Nothing has thawed; the first will at `until`, 0 if none runs.
    error EscrowStillThawing(address payer, uint256 until);
    /// @notice The account has earned nothing since it last withdrew.
    error EscrowNothingEarned(address account);
    /// @notice The contributors' pool is empty.
    error EscrowNothingToSweep();
    /// @notice A batch without settlements or without receipts.
    error EscrowEmptyBatch();
    /// @notice A root, digest or hash that must be given is zero.
    error EscrowZeroDigest();
    /// @notice The node's receipts must continue at `expected`.
    error EscrowSequenceGap(address node, uint64 firstSequence, uint64 expected);
    /// @notice The receipts' total is not what the settlements move.
    error EscrowTotalMismatch(uint256 totalWei, uint256 settledWei);
    /// @notice The voucher is too old.
    error EscrowVoucherExpired(uint256 expiresAt, uint256 time);
    /// @notice More spent than the voucher allows.
    error EscrowOverspent(uint256 spentWei, uint256 cumulativeWei);
    /// @notice The channel is settled at least this far already.
    error EscrowAlreadySettled(uint256 spentWei, uint256 settledWei);
    /// @notice The signature, over this sender as node and this model, is not the payer's, nor that of an allowed signer, nor
    /// accepted by the payer's contract.
    error EscrowBadSignature(address payer, address recovered);
    /// @notice The payer's balance does not cover the settlement.
    error EscrowInsufficientBalance(address payer, uint256 amountWei, uint256 balanceWei);
    /// @notice A rate above its cap, or rates that leave contributors less than their floor.
    error EscrowRatesTooHigh(
        uint32 protocolPpm,
        uint32 nodePpm,
        uint32 baseOwnerPpm,
        uint32 adapterOwnerPpm,
        uint32 stakersPpm
    );

    /// @notice Sets the escrow up, once.
    /// @param governance owns the escrow and sets its rates
    /// @param guardian_ may stop new deposits; settling, thawing and withdrawing cannot be stopped
    function initialize(address governance, address guardian_) external;

    /// @notice Adds to a payer's balance from the sender, who must have approved it.
    function deposit(address payer, uint128 amountWei) external;

    /// @notice The same with the sender's EIP-2612 permit.
    function depositWithPermit(
        address payer,
        uint128 amountWei,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Adds to the balance of a payer who signed OPEN's EIP-3009 ReceiveWithAuthorization to this escrow. Anybody may
    /// send it, so the payer needs no gas.
    function depositWithAuthorization(
        address payer,
        uint128 amountWei,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Lets another key sign vouchers for the sender, or forbids it.
    function setSigner(address signer, bool allowed) external;

    /// @notice Announces a withdrawal. Nodes have the thaw time to settle; each announcement keeps its own clock.
    function thaw(uint128 amountWei) external;

    /// @notice Takes back all that has thawed and was not spent since.
    function withdraw(address to) external returns (uint256 amountWei);

    /// @notice Settles vouchers that name the sender as node, and anchors the receipts of the answers they pay.
    /// @param models by model, so that what a model's owners earn is booked once
    /// @return batch number of the batch
    function settle(ModelSettlements[] calldata models, ReceiptBatch calldata receipts) external returns (uint64 batch);

    /// @notice Takes what the sender earned, as treasury, node or owner.
    function withdrawEarned(address to) external returns (uint256 amountWei);

    /// @notice Sends the contributors' pool to the reward vault. Anybody may call.
    function sweep() external returns (uint256 amountWei);

    /// @notice Sends what a model's stakers earned to their pool. Anybody may call.
    /// @param poolId the model's id
    function payStakers(bytes32 poolId) external returns (uint256 amountWei);

    /// @notice Sets the rates of the waterfall within their caps. Governance only.
    function setRates(Rates calldata rates_) external;

    /// @notice A payer's balance, and how much of it is thawing (at most the balance).
    function accountOf(address payer) external view returns (uint256 balanceWei, uint256 thawingWei);

    /// @notice What the sender of a voucher can surely still be charged: balance less what is thawing.
    function availableOf(address payer) external view returns (uint256 availableWei);

    /// @notice How far a channel is settled, wei, CUMULATIVE.
    function settledOf(address payer, address node, bytes32 modelId) external view returns (uint256 settledWei);

    /// @notice What an account earned and did not withdraw, wei, CURRENT.
    function earned(address account) external view returns (uint256 amountWei);

    /// @notice What a model's stakers earned and were not yet paid, wei, CURRENT.
    function stakersWei(bytes32 poolId) external view returns (uint256 amountWei);

    /// @notice Sequence number with which the node's next batch must begin.
    function nextSequence(address node) external view returns (uint64 sequence);

    /// @notice Whether `signer` may sign vouchers for `payer`.
    function isSigner(address payer, address signer) external view returns (bool allowed);

    /// @notice The rates in force.
    function rates() external view returns (Rates memory rates_);

    /// @notice What waits to be swept to the reward vault, wei, CURRENT.
    function contributorsPoolWei() external view returns (uint256 amountWei);

    /// @notice The EIP-712 digest that a payer signs.
    function hashVoucher(Voucher calldata voucher) external view returns (bytes32 digest);
}
