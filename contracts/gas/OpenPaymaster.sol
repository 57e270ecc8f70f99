// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BasePaymaster} from "@account-abstraction/contracts/core/BasePaymaster.sol";
import {IEntryPoint} from "@account-abstraction/contracts/interfaces/IEntryPoint.sol";
import {PackedUserOperation} from "@account-abstraction/contracts/interfaces/PackedUserOperation.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {_packValidationData} from "@account-abstraction/contracts/core/Helpers.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IOpenPaymaster} from "./IOpenPaymaster.sol";
import {IPriceSource} from "./IPriceSource.sol";

/// @title Pays the gas of user operations and is paid in OPEN
/// @notice See IOpenPaymaster, which says what each function does, trusts and refuses.
/// @dev Not upgradeable: governance replaces it by another one, and senders approve that one if they like.
contract OpenPaymaster is IOpenPaymaster, BasePaymaster {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice Greatest markup, parts per million.
    uint32 public constant MAX_MARKUP_PPM = 200_000;
    /// @notice Limits of `postOpGas`: less could not pay the refund, more would be charged for nothing.
    uint32 public constant MIN_POST_OP_GAS = 15_000;
    uint32 public constant MAX_POST_OP_GAS = 200_000;
    /// @notice Greatest `maxAgeSeconds`.
    uint32 public constant MAX_AGE_SECONDS = 1 days;
    /// @notice Greatest cap of a day, native wei.
    uint96 public constant MAX_DAY_CAP_WEI = 1_000e18;
    /// @notice Length of paymasterData with a permit: value, deadline, r, s, v.
    uint256 public constant PERMIT_LENGTH = 129;

    uint256 internal constant ONE_PPM = 1_000_000;
    uint256 internal constant NATIVE_UNIT = 1e18;
    /// @dev The EntryPoint charges a tenth of the gas that postOp leaves unused, if that is more than so much.
    uint256 internal constant UNPUNISHED_GAS = 40_000;
    uint256 internal constant PENALTY_DIVISOR = 10;

    /// @dev One slot.
    struct Guard {
        address guardian;
        bool paused;
    }

    /// @dev What the EntryPoint keeps for us from validation to postOp.
    struct Held {
        bytes32 userOpHash;
        address sender;
        uint64 day;
        uint256 maxCostWei;
        uint256 heldWei;
        uint256 rateWei;
        uint256 tailGas;
    }

    /// @notice OPEN.
    IERC20 public immutable TOKEN;
    /// @notice Gets what was earned.
    address public immutable TREASURY;

    /// @inheritdoc IOpenPaymaster
    IPriceSource public source;
    /// @dev Senders' money is here only between validation and postOp, within one transaction.
    uint256 internal transient _inFlightWei;
    Guard internal _guard;
    Terms internal _terms;
    /// @inheritdoc IOpenPaymaster
    mapping(address sender => mapping(uint64 day => uint256)) public spentBy;
    /// @inheritdoc IOpenPaymaster
    mapping(uint64 day => uint256) public spentOn;

    modifier onlyGuardian() {
        require(msg.sender == _guard.guardian || msg.sender == owner(), GuardedNotGuardian(msg.sender));
        _;
    }

    /// @param governance owner at once, without a second step
    constructor(
        IEntryPoint entryPoint_,
        address governance,
        address guardian_,
        IERC20 token,
        address treasury,
        IPriceSource source_,
        Terms memory terms_
    ) BasePaymaster(entryPoint_) {
        require(
            governance != address(0) && address(token) != address(0) && treasury != address(0),
            PaymasterZeroAddress()
        );
        (TOKEN, TREASURY) = (token, treasury);
        _setGuardian(guardian_);
        _setSource(source_);
        _setTerms(terms_);
        _transferOwnership(governance);
    }

    /// @inheritdoc IOpenPaymaster
    function sweep() external returns (uint256 amountWei) {
        amountWei = TOKEN.balanceOf(address(this)) - _inFlightWei;
        require(amountWei != 0, PaymasterNothingToSweep());
        emit Swept(amountWei);
        TOKEN.safeTransfer(TREASURY, amountWei);
    }

    /// @inheritdoc IOpenPaymaster
    function setTerms(Terms calldata terms_) external onlyOwner {
        _setTerms(terms_);
    }

    /// @inheritdoc IOpenPaymaster
    function setSource(IPriceSource source_) external onlyOwner {
        _setSource(source_);
    }

    /// @inheritdoc IGuarded
    function pause() external onlyGuardian {
        _guard.paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IGuarded
    function unpause() external onlyOwner {
        _guard.paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IGuarded
    function setGuardian(address guardian_) external onlyOwner {
        _setGuardian(guardian_);
    }

    /// @inheritdoc IGuarded
    function guardian() external view returns (address) {
        return _guard.guardian;
    }

    /// @inheritdoc IGuarded
    function isPaused() external view returns (bool) {
        return _guard.paused;
    }

    /// @inheritdoc IOpenPaymaster
    function terms() external view returns (Terms memory) {
        return _terms;
    }

    /// @inheritdoc IOpenPaymaster
    function quote(uint256 costWei) external view returns (uint256 openWei) {
        (uint256 priceWei, ) = source.price();
        return _charge(costWei, _rate(priceWei, _terms.markupPpm));
    }

    /// @dev Takes what the operation may cost at most. Touches the EntryPoint, our own storage, the source's one slot (only read)
    /// and OPEN's slots of sender and paymaster: what ERC-7562 lets a staked paymaster touch.
    function _validatePaymasterUserOp(
        PackedUserOperation calldata userOp,
        bytes32 userOpHash,
        uint256 maxCost
    ) internal override returns (bytes memory context, uint256 validationData) {
        require(!_guard.paused, GuardedPaused());
        bytes calldata permit = userOp.paymasterAndData[PAYMASTER_DATA_OFFSET:];
        require(permit.length == 0 || permit.length == PERMIT_LENGTH, PaymasterBadData(permit.length, PERMIT_LENGTH));
        Terms memory terms_ = _terms;
        uint256 postOpLimit = uint128(
            bytes16(userOp.paymasterAndData[PAYMASTER_POSTOP_GAS_OFFSET:PAYMASTER_DATA_OFFSET])
        );
        require(postOpLimit >= terms_.postOpGas, PaymasterPostOpGasTooLow(postOpLimit, terms_.postOpGas));
        require(maxCost <= terms_.operationCapWei, PaymasterOperationTooCostly(maxCost, terms_.operationCapWei));
        (uint256 priceWei, uint64 updatedAt) = source.price();
        require(priceWei != 0, PaymasterNoPrice());

        Held memory held;
        held.userOpHash = userOpHash;
        held.sender = userOp.sender;
        held.day = updatedAt / 1 days;
        held.maxCostWei = maxCost;
        held.rateWei = _rate(priceWei, terms_.markupPpm);
        held.heldWei = _charge(maxCost, held.rateWei);
        held.tailGas = terms_.postOpGas + (postOpLimit > UNPUNISHED_GAS ? postOpLimit / PENALTY_DIVISOR : 0);
        _reserve(held, terms_);
        _inFlightWei += held.heldWei;
        if (permit.length != 0) _permit(held.sender, permit);
        TOKEN.safeTransferFrom(held.sender, address(this), held.heldWei);
        uint256 validUntil = uint256(updatedAt) + terms_.maxAgeSeconds;
        return (abi.encode(held), _packValidationData(false, validUntil.toUint48(), 0));
    }

    /// @dev Gives back what the operation did not cost. If this fails, or the EntryPoint undoes it since the operation used more
    /// than its limits, all that was held is earned: then the EntryPoint took the whole of `maxCost` from us as well.
    function _postOp(
        PostOpMode,
        bytes calldata context,
        uint256 actualGasCost,
        uint256 actualUserOpFeePerGas
    ) internal override {
        Held memory held = abi.decode(context, (Held));
        uint256 costWei = Math.min(actualGasCost + held.tailGas * actualUserOpFeePerGas, held.maxCostWei);
        uint256 chargedWei = _charge(costWei, held.rateWei);
        uint256 refundedWei = held.heldWei - chargedWei;
        spentBy[held.sender][held.day] -= held.maxCostWei - costWei;
        spentOn[held.day] -= held.maxCostWei - costWei;
        _inFlightWei -= held.heldWei;
        emit Charged(held.userOpHash, held.sender, costWei, chargedWei, refundedWei);
        TOKEN.safeTransfer(held.sender, refundedWei);
    }

    /// @dev Counts the most that the operation may cost, until postOp knows better: a bundle cannot pass a cap by its number.
    function _reserve(Held memory held, Terms memory terms_) internal {
        uint256 bySender = spentBy[held.sender][held.day];
        uint256 onDay = spentOn[held.day];
        // A cap may have been lowered below what was spent already.
        uint256 senderLeftWei = Math.saturatingSub(terms_.senderCapWei, bySender);
        uint256 dayLeftWei = Math.saturatingSub(terms_.dayCapWei, onDay);
        require(
            held.maxCostWei <= senderLeftWei,
            PaymasterSenderCapReached(held.sender, held.maxCostWei, senderLeftWei)
        );
        require(held.maxCostWei <= dayLeftWei, PaymasterDayCapReached(held.maxCostWei, dayLeftWei));
        spentBy[held.sender][held.day] = bySender + held.maxCostWei;
        spentOn[held.day] = onDay + held.maxCostWei;
    }

    function _permit(address sender, bytes calldata permit) internal {
        (uint256 value, uint256 deadline, bytes32 r, bytes32 s) = abi.decode(
            permit,
            (uint256, uint256, bytes32, bytes32)
        );
        uint8 v = uint8(permit[PERMIT_LENGTH - 1]);
        // Whoever saw the permit may have used it first; then the allowance is there, and the transfer is the test.
        try IERC20Permit(address(TOKEN)).permit(sender, address(this), value, deadline, v, r, s) {} catch {}
    }

    function _setGuardian(address guardian_) internal {
        _guard.guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    function _setSource(IPriceSource source_) internal {
        require(address(source_) != address(0), PaymasterZeroAddress());
        source = source_;
        emit SourceSet(address(source_));
    }

    function _setTerms(Terms memory terms_) internal {
        bool withinLimits =
            terms_.markupPpm <= MAX_MARKUP_PPM &&
                terms_.postOpGas >= MIN_POST_OP_GAS &&
                terms_.postOpGas <= MAX_POST_OP_GAS &&
                terms_.maxAgeSeconds != 0 &&
                terms_.maxAgeSeconds <= MAX_AGE_SECONDS &&
                terms_.operationCapWei <= terms_.senderCapWei &&
                terms_.senderCapWei <= terms_.dayCapWei &&
                terms_.dayCapWei <= MAX_DAY_CAP_WEI;
        require(withinLimits, PaymasterBadTerms(terms_));
        _terms = terms_;
        emit TermsSet(
            terms_.markupPpm,
            terms_.postOpGas,
            terms_.maxAgeSeconds,
            terms_.operationCapWei,
            terms_.senderCapWei,
            terms_.dayCapWei
        );
    }

    /// @dev OPEN for 1e18 native wei, markup included, times ONE_PPM.
    function _rate(uint256 priceWei, uint256 markupPpm) internal pure returns (uint256 rateWei) {
        return priceWei * (ONE_PPM + markupPpm);
    }

    /// @dev Rounds up: never less than the coin is worth.
    function _charge(uint256 costWei, uint256 rateWei) internal pure returns (uint256 openWei) {
        return Math.mulDiv(costWei, rateWei, NATIVE_UNIT * ONE_PPM, Math.Rounding.Ceil);
    }
}
