// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IStaking} from "../agents/IStaking.sol";
import {Guarded} from "../governance/Guarded.sol";
import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {IOpenToken} from "../token/IOpenToken.sol";
import {IInferenceEscrow} from "./IInferenceEscrow.sol";

/// @title Where answers are paid for
/// @notice See IInferenceEscrow, which says what each function does, trusts and refuses.
contract InferenceEscrow is IInferenceEscrow, EIP712, Guarded {
    using SafeERC20 for IERC20;

    /// @notice Caps that governance cannot pass, parts per million.
    uint32 public constant MAX_PROTOCOL_PPM = 100_000;
    uint32 public constant MAX_NODE_PPM = 500_000;
    uint32 public constant MAX_BASE_OWNER_PPM = 150_000;
    uint32 public constant MAX_ADAPTER_OWNER_PPM = 250_000;
    uint32 public constant MAX_STAKERS_PPM = 150_000;
    /// @notice What contributors get at least, parts per million.
    uint32 public constant MIN_CONTRIBUTORS_PPM = 200_000;
    /// @notice Thaws that one payer may have running at once; bounds the loop of `withdraw`.
    uint256 public constant MAX_THAWS = 16;

    uint256 internal constant ONE_PPM = 1_000_000;
    bytes32 internal constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(address payer,address node,bytes32 modelId,uint128 cumulativeWei,uint64 expiresAt)"
    );

    /// @dev `thawingWei` may exceed `balanceWei` after a settlement: thawing money is still spent.
    struct Account {
        uint128 balanceWei;
        uint128 thawingWei;
    }

    struct Channel {
        uint256 settledWei;
    }

    struct Thaw {
        uint128 amountWei;
        uint64 until;
    }

    /// @dev First in, first out: [head, tail).
    struct ThawQueue {
        uint64 head;
        uint64 tail;
        mapping(uint64 position => Thaw) thaws;
    }

    /// @dev What every batch writes, in one slot. 96 bits hold all OPEN that there is.
    struct Pool {
        uint96 contributorsWei;
        uint96 protocolWei;
        uint64 batches;
    }

    /// @dev Whom a model's settlements pay, and how much of each.
    struct Waterfall {
        address baseOwner;
        address adapterOwner;
        uint256 protocolPpm;
        uint256 nodePpm;
        uint256 baseOwnerPpm;
        uint256 adapterOwnerPpm;
        uint256 stakersPpm;
        uint256 contributorsPpm;
    }

    // What the escrow works with lies in the code, for reading storage would cost each batch more: an upgrade can change it.

    /// @notice OPEN.
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IERC20 public immutable TOKEN;
    /// @notice Asked who owns models.
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    ILineageRegistry public immutable REGISTRY;
    /// @notice Asked whether anybody stakes on a model, and given what stakers earn.
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IStaking public immutable STAKING;
    /// @notice Where the contributors' pool goes.
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IRewardSink public immutable REWARDS;
    /// @notice Earns the protocol's part, and withdraws it like anybody who earned.
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    address public immutable TREASURY;
    /// @notice Seconds between announcing a withdrawal and making it.
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    uint256 public immutable THAW_TIME;

    /// @inheritdoc IInferenceEscrow
    mapping(address payer => mapping(address signer => bool)) public isSigner;
    /// @inheritdoc IInferenceEscrow
    mapping(bytes32 poolId => uint256) public stakersWei;
    /// @inheritdoc IInferenceEscrow
    mapping(address node => uint64) public nextSequence;
    /// @dev Without the protocol's part, which lies in the pool.
    mapping(address account => uint256) internal _earned;
    /// @dev By the hash of payer, node and model.
    mapping(bytes32 channel => Channel) internal _channels;
    mapping(address payer => Account) internal _accounts;
    mapping(address payer => ThawQueue) internal _thaws;
    Pool internal _pool;
    Rates internal _rates;

    /// @param thawTime seconds that nodes have to settle before a payer can leave
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(
        IERC20 token,
        ILineageRegistry registry,
        IStaking staking,
        IRewardSink rewards,
        address treasury,
        uint256 thawTime
    ) EIP712("OpenLedger Inference", "1") {
        require(
            address(token) != address(0) &&
                address(registry) != address(0) &&
                address(staking) != address(0) &&
                address(rewards) != address(0) &&
                treasury != address(0),
            EscrowZeroAddress()
        );
        (TOKEN, REGISTRY, STAKING, REWARDS) = (token, registry, staking, rewards);
        (TREASURY, THAW_TIME) = (treasury, thawTime);
        _disableInitializers();
    }

    /// @inheritdoc IInferenceEscrow
    function initialize(address governance, address guardian_) external initializer {
        __Guarded_init(governance, guardian_);
        _setRates(
            Rates({
                protocolPpm: 50_000,
                nodePpm: 350_000,
                baseOwnerPpm: 50_000,
                adapterOwnerPpm: 100_000,
                stakersPpm: 50_000
            })
        );
        TOKEN.forceApprove(address(REWARDS), type(uint256).max);
        TOKEN.forceApprove(address(STAKING), type(uint256).max);
    }

    /// @inheritdoc IInferenceEscrow
    function deposit(address payer, uint128 amountWei) public whenOpen {
        require(payer != address(0), EscrowZeroAddress());
        require(amountWei != 0, EscrowZeroAmount());
        _accounts[payer].balanceWei += amountWei;
        emit Deposited(payer, msg.sender, amountWei);
        TOKEN.safeTransferFrom(msg.sender, address(this), amountWei);
    }

    /// @inheritdoc IInferenceEscrow
    function depositWithPermit(
        address payer,
        uint128 amountWei,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        // Whoever saw the permit may have used it first; then the allowance is there, and the transfer is the test.
        try IERC20Permit(address(TOKEN)).permit(msg.sender, address(this), amountWei, deadline, v, r, s) {} catch {}
        deposit(payer, amountWei);
    }

    /// @inheritdoc IInferenceEscrow
    function depositWithAuthorization(
        address payer,
        uint128 amountWei,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external whenOpen {
        require(amountWei != 0, EscrowZeroAmount());
        _accounts[payer].balanceWei += amountWei;
        emit Deposited(payer, payer, amountWei);
        // Only the receiver may carry this kind of authorization out, so nobody can move the money here without the booking.
        IOpenToken(address(TOKEN)).receiveWithAuthorization(
            payer,
            address(this),
            amountWei,
            validAfter,
            validBefore,
            nonce,
            signature
        );
    }

    /// @inheritdoc IInferenceEscrow
    function setSigner(address signer, bool allowed) external {
        require(signer != address(0), EscrowZeroAddress());
        isSigner[msg.sender][signer] = allowed;
        emit SignerSet(msg.sender, signer, allowed);
    }

    /// @inheritdoc IInferenceEscrow
    function thaw(uint128 amountWei) external {
        require(amountWei != 0, EscrowZeroAmount());
        uint256 availableWei = availableOf(msg.sender);
        require(amountWei <= availableWei, EscrowNothingToThaw(msg.sender, amountWei, availableWei));
        ThawQueue storage queue = _thaws[msg.sender];
        require(queue.tail - queue.head < MAX_THAWS, EscrowTooManyThaws(msg.sender, MAX_THAWS));
        uint64 until = uint64(block.timestamp + THAW_TIME);
        queue.thaws[queue.tail++] = Thaw(amountWei, until);
        _accounts[msg.sender].thawingWei += amountWei;
        emit Thawing(msg.sender, amountWei, until);
    }

    /// @inheritdoc IInferenceEscrow
    function withdraw(address to) external returns (uint256 amountWei) {
        uint128 thawedWei = _takeThawed(msg.sender);
        Account storage account = _accounts[msg.sender];
        // Money that was spent while it thawed is gone, and the announcement with it.
        uint128 withdrawnWei = thawedWei < account.balanceWei ? thawedWei : account.balanceWei;
        account.balanceWei -= withdrawnWei;
        account.thawingWei -= thawedWei;
        emit Withdrawn(msg.sender, to, withdrawnWei);
        TOKEN.safeTransfer(to, withdrawnWei);
        return withdrawnWei;
    }

    /// @inheritdoc IInferenceEscrow
    function settle(
        ModelSettlements[] calldata models,
        ReceiptBatch calldata receipts
    ) external returns (uint64 batch) {
        batch = _anchor(models.length != 0, receipts);
        bytes32 domain = _domainSeparatorV4();
        (uint256 totalWei, uint256 protocolWei, uint256 nodeWei, uint256 contributorsWei) = (0, 0, 0, 0);
        for (uint256 i; i < models.length; ++i) {
            Division memory parts = _settleModel(models[i], batch, domain);
            protocolWei += parts.protocolWei;
            nodeWei += parts.nodeWei;
            contributorsWei += parts.contributorsWei;
            totalWei += parts.amountWei;
        }
        require(totalWei == receipts.totalWei, EscrowTotalMismatch(receipts.totalWei, totalWei));
        _earned[msg.sender] += nodeWei;
        // Parts of what was deposited: of OPEN that exists.
        _pool.contributorsWei += uint96(contributorsWei);
        _pool.protocolWei += uint96(protocolWei);
    }

    /// @inheritdoc IInferenceEscrow
    function withdrawEarned(address to) external returns (uint256 amountWei) {
        amountWei = earned(msg.sender);
        require(amountWei != 0, EscrowNothingEarned(msg.sender));
        _earned[msg.sender] = 0;
        if (msg.sender == TREASURY) _pool.protocolWei = 0;
        emit EarningsWithdrawn(msg.sender, to, amountWei);
        TOKEN.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IInferenceEscrow
    function sweep() external returns (uint256 amountWei) {
        amountWei = _pool.contributorsWei;
        require(amountWei != 0, EscrowNothingToSweep());
        _pool.contributorsWei = 0;
        emit Swept(amountWei);
        REWARDS.fund(amountWei, "inference");
    }

    /// @inheritdoc IInferenceEscrow
    function payStakers(bytes32 poolId) external returns (uint256 amountWei) {
        amountWei = stakersWei[poolId];
        require(amountWei != 0, EscrowNothingEarned(address(STAKING)));
        stakersWei[poolId] = 0;
        bool staked = STAKING.activeWei(poolId) != 0;
        emit StakersPaid(poolId, amountWei, staked);
        // Those who staked when it was earned are gone: nobody is left to be paid.
        if (staked) STAKING.reward(poolId, amountWei);
        else _earned[TREASURY] += amountWei;
    }

    /// @inheritdoc IInferenceEscrow
    function setRates(Rates calldata rates_) external onlyOwner {
        _setRates(rates_);
    }

    /// @inheritdoc IInferenceEscrow
    function accountOf(address payer) public view returns (uint256 balanceWei, uint256 thawingWei) {
        Account memory account = _accounts[payer];
        balanceWei = account.balanceWei;
        thawingWei = account.thawingWei < balanceWei ? account.thawingWei : balanceWei;
    }

    /// @inheritdoc IInferenceEscrow
    function availableOf(address payer) public view returns (uint256 availableWei) {
        (uint256 balanceWei, uint256 thawingWei) = accountOf(payer);
        return balanceWei - thawingWei;
    }

    /// @inheritdoc IInferenceEscrow
    function earned(address account) public view returns (uint256 amountWei) {
        amountWei = _earned[account];
        if (account == TREASURY) amountWei += _pool.protocolWei;
    }

    /// @inheritdoc IInferenceEscrow
    function settledOf(address payer, address node, bytes32 modelId) external view returns (uint256 settledWei) {
        return _channels[_channelId(payer, node, modelId)].settledWei;
    }

    /// @inheritdoc IInferenceEscrow
    function rates() external view returns (Rates memory) {
        return _rates;
    }

    /// @inheritdoc IInferenceEscrow
    function contributorsPoolWei() external view returns (uint256 amountWei) {
        return _pool.contributorsWei;
    }

    /// @inheritdoc IInferenceEscrow
    function hashVoucher(Voucher calldata voucher) public view returns (bytes32 digest) {
        return
            _hashTypedDataV4(
                _voucherHash(voucher.payer, voucher.node, voucher.modelId, voucher.cumulativeWei, voucher.expiresAt)
            );
    }

    /// @dev Continues the node's receipts and numbers the batch.
    function _anchor(bool settlesAny, ReceiptBatch calldata receipts) internal returns (uint64 batch) {
        require(settlesAny && receipts.receiptCount != 0, EscrowEmptyBatch());
        require(
            receipts.receiptsRoot != 0 && receipts.receiptsDigest != 0 && receipts.lastReceiptHash != 0,
            EscrowZeroDigest()
        );
        uint64 expected = nextSequence[msg.sender];
        require(receipts.firstSequence == expected, EscrowSequenceGap(msg.sender, receipts.firstSequence, expected));
        nextSequence[msg.sender] = expected + receipts.receiptCount;
        batch = ++_pool.batches;
        emit ReceiptsAnchored(
            msg.sender,
            batch,
            receipts.receiptsRoot,
            receipts.receiptsDigest,
            receipts.receiptCount,
            receipts.firstSequence,
            receipts.lastReceiptHash,
            receipts.totalWei
        );
    }

    /// @dev Settles the channels of one model, and pays those who earn by the model. What goes to the treasury, the node and
    /// contributors is the caller's to pay, once a batch.
    function _settleModel(
        ModelSettlements calldata model,
        uint64 batch,
        bytes32 domain
    ) internal returns (Division memory parts) {
        bytes32 modelId = model.modelId;
        Settlement[] calldata settlements = model.settlements;
        require(settlements.length != 0, EscrowEmptyBatch());
        Waterfall memory waterfall = _waterfall(modelId);
        uint256 count = settlements.length;
        uint256 totalWei;
        uint256 givenWei;
        for (uint256 i; i < count; ++i) {
            Settlement calldata settlement = settlements[i];
            uint256 amountWei = _charge(settlement, modelId, domain);
            uint256 contributorsWei;
            unchecked {
                totalWei += amountWei; // each is at most a payer's balance, of OPEN that exists
                contributorsWei = (amountWei * waterfall.contributorsPpm) / ONE_PPM;
                // Of what contributors get, each settlement states its part, and the last one what rounding left.
                if (i + 1 == count) {
                    parts = _divide(totalWei, waterfall);
                    contributorsWei = parts.contributorsWei - givenWei;
                } else {
                    givenWei += contributorsWei;
                }
            }
            emit Settled(settlement.payer, msg.sender, modelId, batch, amountWei, contributorsWei);
        }
        emit Divided(
            batch,
            modelId,
            totalWei,
            parts.protocolWei,
            parts.nodeWei,
            parts.baseOwnerWei,
            parts.adapterOwnerWei,
            parts.stakersWei,
            parts.contributorsWei
        );
        if (parts.baseOwnerWei != 0) _earned[waterfall.baseOwner] += parts.baseOwnerWei;
        if (parts.adapterOwnerWei != 0) _earned[waterfall.adapterOwner] += parts.adapterOwnerWei;
        if (parts.stakersWei != 0) stakersWei[modelId] += parts.stakersWei;
    }

    /// @dev A base used alone has no adapter owner, and a model may have no stakers: those parts stay with contributors.
    function _waterfall(bytes32 modelId) internal view returns (Waterfall memory waterfall) {
        Rates memory rates_ = _rates;
        (waterfall.baseOwner, waterfall.adapterOwner) = REGISTRY.payeesOf(modelId); // reverts for no model
        waterfall.protocolPpm = rates_.protocolPpm;
        waterfall.nodePpm = rates_.nodePpm;
        waterfall.baseOwnerPpm = rates_.baseOwnerPpm;
        if (waterfall.adapterOwner != address(0)) waterfall.adapterOwnerPpm = rates_.adapterOwnerPpm;
        if (rates_.stakersPpm != 0 && STAKING.activeWei(modelId) != 0) waterfall.stakersPpm = rates_.stakersPpm;
        waterfall.contributorsPpm =
            ONE_PPM -
            waterfall.protocolPpm -
            waterfall.nodePpm -
            waterfall.baseOwnerPpm -
            waterfall.adapterOwnerPpm -
            waterfall.stakersPpm;
    }

    /// @dev Takes from the payer what the channel cost since it was last settled.
    function _charge(
        Settlement calldata settlement,
        bytes32 modelId,
        bytes32 domain
    ) internal returns (uint256 amountWei) {
        address payer = settlement.payer;
        uint256 spentWei = settlement.spentWei;
        uint256 limitWei = settlement.cumulativeWei;
        uint256 expiresAt = settlement.expiresAt;
        require(block.timestamp <= expiresAt, EscrowVoucherExpired(expiresAt, block.timestamp));
        require(spentWei <= limitWei, EscrowOverspent(spentWei, limitWei));
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            domain,
            _voucherHash(payer, msg.sender, modelId, limitWei, expiresAt)
        );
        _checkSignature(payer, digest, settlement.signature);
        Channel storage channel = _channels[_channelId(payer, msg.sender, modelId)];
        uint256 settledWei = channel.settledWei;
        require(spentWei > settledWei, EscrowAlreadySettled(spentWei, settledWei));
        channel.settledWei = spentWei;
        unchecked {
            amountWei = spentWei - settledWei; // compared above
        }
        _take(payer, amountWei);
    }

    /// @dev Takes from a payer's balance: the lower half of its slot, so that what thaws, the upper half, is neither read nor
    /// written apart.
    function _take(address payer, uint256 amountWei) internal {
        Account storage account = _accounts[payer];
        uint256 stored;
        assembly ("memory-safe") {
            stored := sload(account.slot)
        }
        uint256 balanceWei = uint128(stored);
        require(amountWei <= balanceWei, EscrowInsufficientBalance(payer, amountWei, balanceWei));
        assembly ("memory-safe") {
            sstore(account.slot, sub(stored, amountWei))
        }
    }

    /// @dev Order matters: protocol -> node -> base-model owner -> adapter owner -> stakers -> contributors. Every part is
    /// rounded down, and contributors get what remains at the end: the parts sum to the amount, to the wei.
    function _divide(uint256 amountWei, Waterfall memory waterfall) internal pure returns (Division memory parts) {
        uint256 remainingWei = amountWei;
        parts.amountWei = amountWei;
        parts.protocolWei = (amountWei * waterfall.protocolPpm) / ONE_PPM;
        remainingWei -= parts.protocolWei;
        parts.nodeWei = (amountWei * waterfall.nodePpm) / ONE_PPM;
        remainingWei -= parts.nodeWei;
        parts.baseOwnerWei = (amountWei * waterfall.baseOwnerPpm) / ONE_PPM;
        remainingWei -= parts.baseOwnerWei;
        parts.adapterOwnerWei = (amountWei * waterfall.adapterOwnerPpm) / ONE_PPM;
        remainingWei -= parts.adapterOwnerWei;
        parts.stakersWei = (amountWei * waterfall.stakersPpm) / ONE_PPM;
        parts.contributorsWei = remainingWei - parts.stakersWei;
    }

    /// @dev keccak256(abi.encode(payer, node, modelId)), written so that a batch needs no new memory for each voucher.
    function _channelId(address payer, address node, bytes32 modelId) internal pure returns (bytes32 channelId) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, payer)
            mstore(add(free, 32), node)
            mstore(add(free, 64), modelId)
            channelId := keccak256(free, 96)
        }
    }

    /// @dev EIP-712 hash of the voucher: keccak256(abi.encode(VOUCHER_TYPEHASH, voucher)), in the same way.
    function _voucherHash(
        address payer,
        address node,
        bytes32 modelId,
        uint256 cumulativeWei,
        uint256 expiresAt
    ) internal pure returns (bytes32 hash) {
        bytes32 typeHash = VOUCHER_TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 32), payer)
            mstore(add(free, 64), node)
            mstore(add(free, 96), modelId)
            mstore(add(free, 128), cumulativeWei)
            mstore(add(free, 160), expiresAt)
            hash := keccak256(free, 192)
        }
    }

    /// @dev A key's signature first: an account with code (EIP-7702) can still sign with its key, and it is the cheaper check.
    /// 64 bytes are a key's signature in its short form (ERC-2098).
    function _checkSignature(address payer, bytes32 digest, bytes calldata signature) internal view {
        (address recovered, ECDSA.RecoverError failure, ) = signature.length == 64
            ? ECDSA.tryRecover(digest, bytes32(signature[:32]), bytes32(signature[32:]))
            : ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && (recovered == payer || isSigner[payer][recovered])) return;
        require(
            SignatureChecker.isValidERC1271SignatureNowCalldata(payer, digest, signature),
            EscrowBadSignature(payer, recovered)
        );
    }

    /// @dev Removes the payer's thaws that are over from the queue's head, where the oldest are.
    function _takeThawed(address payer) internal returns (uint128 thawedWei) {
        ThawQueue storage queue = _thaws[payer];
        (uint64 head, uint64 tail) = (queue.head, queue.tail);
        uint64 first = head;
        while (head < tail && queue.thaws[head].until <= block.timestamp) {
            thawedWei += queue.thaws[head].amountWei;
            delete queue.thaws[head++];
        }
        require(head != first, EscrowStillThawing(payer, queue.thaws[head].until));
        queue.head = head;
    }

    function _setRates(Rates memory rates_) internal {
        (uint32 protocolPpm, uint32 nodePpm) = (rates_.protocolPpm, rates_.nodePpm);
        (uint32 baseOwnerPpm, uint32 adapterOwnerPpm) = (rates_.baseOwnerPpm, rates_.adapterOwnerPpm);
        uint32 stakersPpm = rates_.stakersPpm;
        bool withinCaps =
            protocolPpm <= MAX_PROTOCOL_PPM &&
                nodePpm <= MAX_NODE_PPM &&
                baseOwnerPpm <= MAX_BASE_OWNER_PPM &&
                adapterOwnerPpm <= MAX_ADAPTER_OWNER_PPM &&
                stakersPpm <= MAX_STAKERS_PPM &&
                // Each is below its cap by here, so the sum cannot overflow.
                protocolPpm + nodePpm + baseOwnerPpm + adapterOwnerPpm + stakersPpm <= ONE_PPM - MIN_CONTRIBUTORS_PPM;
        require(withinCaps, EscrowRatesTooHigh(protocolPpm, nodePpm, baseOwnerPpm, adapterOwnerPpm, stakersPpm));
        _rates = rates_;
        emit RatesChanged(protocolPpm, nodePpm, baseOwnerPpm, adapterOwnerPpm, stakersPpm);
    }
}
