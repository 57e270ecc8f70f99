// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {IRewardDistributor} from "../rewards/IRewardDistributor.sol";
import {IInferenceEscrow} from "./IInferenceEscrow.sol";

/// @title Where answers are paid for
/// @notice See IInferenceEscrow, which says what each function does, trusts and refuses.
contract InferenceEscrow is IInferenceEscrow, EIP712, Ownable {
    using SafeERC20 for IERC20;

    /// @notice Caps that governance cannot pass, parts per million.
    uint32 public constant MAX_PROTOCOL_PPM = 100_000;
    uint32 public constant MAX_NODE_PPM = 500_000;
    uint32 public constant MAX_BASE_OWNER_PPM = 150_000;
    uint32 public constant MAX_ADAPTER_OWNER_PPM = 250_000;
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

    /// @dev One slot: every settlement writes the pool, so numbering batches costs nothing.
    struct Pool {
        uint128 contributorsWei;
        uint64 batches;
    }

    /// @dev Whom a batch's settlements of one model pay; kept between neighbours of the same model.
    struct Payees {
        bytes32 modelId;
        address baseOwner;
        address adapterOwner;
    }

    /// @notice OPEN.
    IERC20 public immutable TOKEN;
    /// @notice Asked who owns models.
    ILineageRegistry public immutable REGISTRY;
    /// @notice Where the contributors' pool goes.
    IRewardDistributor public immutable REWARDS;
    /// @notice Earns the protocol's part, and withdraws it like anybody who earned.
    address public immutable TREASURY;
    /// @notice Seconds between announcing a withdrawal and making it.
    uint256 public immutable THAW_TIME;

    /// @inheritdoc IInferenceEscrow
    mapping(address payer => mapping(address signer => bool)) public isSigner;
    /// @inheritdoc IInferenceEscrow
    mapping(address payer => mapping(address node => mapping(bytes32 modelId => uint256))) public settledOf;
    /// @inheritdoc IInferenceEscrow
    mapping(address account => uint256) public earned;
    /// @inheritdoc IInferenceEscrow
    mapping(address node => uint64) public nextSequence;
    mapping(address payer => Account) internal _accounts;
    mapping(address payer => ThawQueue) internal _thaws;
    Pool internal _pool;
    Rates internal _rates;

    /// @param owner_ governance, which sets the rates
    /// @param thawTime seconds that nodes have to settle before a payer can leave
    constructor(
        address owner_,
        IERC20 token,
        ILineageRegistry registry,
        IRewardDistributor rewards,
        address treasury,
        uint256 thawTime
    ) EIP712("OpenLedger Inference", "1") Ownable(owner_) {
        require(
            address(token) != address(0) &&
                address(registry) != address(0) &&
                address(rewards) != address(0) &&
                treasury != address(0),
            EscrowZeroAddress()
        );
        (TOKEN, REGISTRY, REWARDS, TREASURY, THAW_TIME) = (token, registry, rewards, treasury, thawTime);
        _setRates(Rates({protocolPpm: 50_000, nodePpm: 350_000, baseOwnerPpm: 50_000, adapterOwnerPpm: 100_000}));
        token.forceApprove(address(rewards), type(uint256).max);
    }

    /// @inheritdoc IInferenceEscrow
    function deposit(address payer, uint128 amountWei) public {
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
    function settle(Settlement[] calldata settlements, ReceiptBatch calldata receipts) external returns (uint64 batch) {
        batch = _anchor(settlements.length, receipts);
        Rates memory rates_ = _rates;
        Division memory sums;
        Payees memory payees;
        for (uint256 i; i < settlements.length; ++i) {
            Settlement calldata settlement = settlements[i];
            bytes32 modelId = settlement.voucher.modelId;
            if (i == 0 || modelId != payees.modelId) {
                (address baseOwner, address adapterOwner) = REGISTRY.payeesOf(modelId); // reverts for no model
                payees = Payees(modelId, baseOwner, adapterOwner);
            }
            uint256 amountWei = _charge(settlement);
            Division memory parts = _divide(amountWei, rates_, payees.adapterOwner == address(0));
            earned[payees.baseOwner] += parts.baseOwnerWei;
            if (parts.adapterOwnerWei != 0) earned[payees.adapterOwner] += parts.adapterOwnerWei;
            sums.protocolWei += parts.protocolWei;
            sums.nodeWei += parts.nodeWei;
            sums.baseOwnerWei += parts.baseOwnerWei;
            sums.adapterOwnerWei += parts.adapterOwnerWei;
            sums.contributorsWei += parts.contributorsWei;
            emit Settled(
                settlement.voucher.payer,
                msg.sender,
                modelId,
                batch,
                amountWei,
                settlement.spentWei,
                parts.protocolWei,
                parts.nodeWei,
                parts.baseOwnerWei,
                parts.adapterOwnerWei,
                parts.contributorsWei
            );
        }
        uint256 settledWei =
            sums.protocolWei + sums.nodeWei + sums.baseOwnerWei + sums.adapterOwnerWei + sums.contributorsWei;
        require(settledWei == receipts.totalWei, EscrowTotalMismatch(receipts.totalWei, settledWei));
        earned[TREASURY] += sums.protocolWei;
        earned[msg.sender] += sums.nodeWei;
        // At most `totalWei`, which is a uint128.
        _pool.contributorsWei += uint128(sums.contributorsWei);
    }

    /// @inheritdoc IInferenceEscrow
    function withdrawEarned(address to) external returns (uint256 amountWei) {
        amountWei = earned[msg.sender];
        require(amountWei != 0, EscrowNothingEarned(msg.sender));
        earned[msg.sender] = 0;
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
    function rates() external view returns (Rates memory) {
        return _rates;
    }

    /// @inheritdoc IInferenceEscrow
    function contributorsPoolWei() external view returns (uint256 amountWei) {
        return _pool.contributorsWei;
    }

    /// @inheritdoc IInferenceEscrow
    function hashVoucher(Voucher calldata voucher) public view returns (bytes32 digest) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, voucher)));
    }

    /// @dev Continues the node's receipts and numbers the batch.
    function _anchor(uint256 settlements, ReceiptBatch calldata receipts) internal returns (uint64 batch) {
        require(settlements != 0 && receipts.receiptCount != 0, EscrowEmptyBatch());
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

    /// @dev Takes from the payer what the channel cost since it was last settled.
    function _charge(Settlement calldata settlement) internal returns (uint256 amountWei) {
        Voucher calldata voucher = settlement.voucher;
        require(voucher.node == msg.sender, EscrowNotYourVoucher(voucher.node, msg.sender));
        require(block.timestamp <= voucher.expiresAt, EscrowVoucherExpired(voucher.expiresAt, block.timestamp));
        uint128 spentWei = settlement.spentWei;
        require(spentWei <= voucher.cumulativeWei, EscrowOverspent(spentWei, voucher.cumulativeWei));
        address payer = voucher.payer;
        uint256 settledWei = settledOf[payer][msg.sender][voucher.modelId];
        require(spentWei > settledWei, EscrowAlreadySettled(spentWei, settledWei));
        _checkSignature(payer, hashVoucher(voucher), settlement.signature);
        amountWei = spentWei - settledWei;
        uint128 balanceWei = _accounts[payer].balanceWei;
        require(amountWei <= balanceWei, EscrowInsufficientBalance(payer, amountWei, balanceWei));
        settledOf[payer][msg.sender][voucher.modelId] = spentWei;
        // At most `balanceWei`, compared above.
        _accounts[payer].balanceWei = balanceWei - uint128(amountWei);
    }

    /// @dev Order matters: protocol -> node -> base-model owner -> adapter owner -> contributors. Every part is rounded down
    /// and taken from what remains, and contributors get what remains at the end: the parts sum to the amount, to the wei.
    /// A base used alone has no adapter owner; that part stays with contributors.
    function _divide(
        uint256 amountWei,
        Rates memory rates_,
        bool baseAlone
    ) internal pure returns (Division memory parts) {
        uint256 remainingWei = amountWei;
        parts.protocolWei = (amountWei * rates_.protocolPpm) / ONE_PPM;
        remainingWei -= parts.protocolWei;
        parts.nodeWei = (amountWei * rates_.nodePpm) / ONE_PPM;
        remainingWei -= parts.nodeWei;
        parts.baseOwnerWei = (amountWei * rates_.baseOwnerPpm) / ONE_PPM;
        remainingWei -= parts.baseOwnerWei;
        if (!baseAlone) parts.adapterOwnerWei = (amountWei * rates_.adapterOwnerPpm) / ONE_PPM;
        remainingWei -= parts.adapterOwnerWei;
        parts.contributorsWei = remainingWei;
    }

    /// @dev A key's signature first: an account with code (EIP-7702) can still sign with its key, and it is the cheaper check.
    function _checkSignature(address payer, bytes32 digest, bytes calldata signature) internal view {
        (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(digest, signature);
        bool byKey = failure == ECDSA.RecoverError.NoError && (recovered == payer || isSigner[payer][recovered]);
        require(
            byKey || SignatureChecker.isValidERC1271SignatureNowCalldata(payer, digest, signature),
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
        bool withinCaps =
            protocolPpm <= MAX_PROTOCOL_PPM &&
                nodePpm <= MAX_NODE_PPM &&
                baseOwnerPpm <= MAX_BASE_OWNER_PPM &&
                adapterOwnerPpm <= MAX_ADAPTER_OWNER_PPM &&
                // Each is below its cap by here, so the sum cannot overflow.
                protocolPpm + nodePpm + baseOwnerPpm + adapterOwnerPpm <= ONE_PPM - MIN_CONTRIBUTORS_PPM;
        require(withinCaps, EscrowRatesTooHigh(protocolPpm, nodePpm, baseOwnerPpm, adapterOwnerPpm));
        _rates = rates_;
        emit RatesChanged(protocolPpm, nodePpm, baseOwnerPpm, adapterOwnerPpm);
    }
}
