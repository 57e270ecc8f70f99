// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IRewardDrip} from "./IRewardDrip.sol";
import {IRewardSink} from "./IRewardSink.sol";

/// @title What a bad root could take at most
/// @notice See IRewardDrip, which says what each function does, trusts and refuses.
contract RewardDrip is IRewardDrip, Guarded {
    using SafeERC20 for IERC20;

    /// @notice No bucket is larger, nor filled faster a day, than a hundredth of all OPEN.
    uint256 public constant MAX_WEI = 10_000_000e18;

    /// @dev What the bucket held when it was last drawn from or changed.
    struct Bucket {
        uint128 allowanceWei;
        uint64 at;
    }

    /// @notice OPEN.
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IERC20 public immutable TOKEN;
    /// @notice The only place that money goes to.
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IRewardSink public immutable VAULT;

    /// @inheritdoc IRewardDrip
    uint128 public weiPerDay;
    /// @inheritdoc IRewardDrip
    uint128 public burstWei;
    Bucket internal _bucket;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(IERC20 token, IRewardSink vault) {
        require(address(token) != address(0) && address(vault) != address(0), DripZeroAddress());
        (TOKEN, VAULT) = (token, vault);
        _disableInitializers();
    }

    /// @inheritdoc IRewardDrip
    function initialize(
        address governance,
        address guardian_,
        uint128 weiPerDay_,
        uint128 burstWei_
    ) external initializer {
        __Guarded_init(governance, guardian_);
        _set(weiPerDay_, burstWei_);
        TOKEN.forceApprove(address(VAULT), type(uint256).max);
    }

    /// @inheritdoc IRewardSink
    function fund(uint256 amountWei, bytes32 source) external {
        require(amountWei != 0, DripZeroAmount());
        emit DripFunded(msg.sender, source, amountWei);
        TOKEN.safeTransferFrom(msg.sender, address(this), amountWei);
        if (!isPaused() && allowanceWei() != 0) drip();
    }

    /// @inheritdoc IRewardDrip
    function drip() public whenOpen returns (uint256 amountWei) {
        (uint256 waiting, uint256 allowance) = (waitingWei(), allowanceWei());
        amountWei = waiting < allowance ? waiting : allowance;
        require(amountWei != 0, DripNothing(waiting, allowance));
        // At most the allowance, which is at most the burst, a uint128.
        _bucket = Bucket(uint128(allowance - amountWei), uint64(block.timestamp));
        emit Dripped(amountWei, waiting - amountWei);
        VAULT.fund(amountWei, "drip");
    }

    /// @inheritdoc IRewardDrip
    function setDrip(uint128 weiPerDay_, uint128 burstWei_) external onlyOwner {
        _set(weiPerDay_, burstWei_);
    }

    /// @inheritdoc IRewardDrip
    function allowanceWei() public view returns (uint256 amountWei) {
        Bucket memory bucket = _bucket;
        (uint256 perDayWei, uint256 mostWei) = (weiPerDay, burstWei);
        // The same gas whether the bucket is full or not: what was estimated a second ago must still suffice.
        return Math.min(bucket.allowanceWei + (perDayWei * (block.timestamp - bucket.at)) / 1 days, mostWei);
    }

    /// @inheritdoc IRewardDrip
    function waitingWei() public view returns (uint256 amountWei) {
        return TOKEN.balanceOf(address(this));
    }

    /// @dev What the old rate has filled by now stays in the bucket, as far as it still fits.
    function _set(uint128 weiPerDay_, uint128 burstWei_) internal {
        bool inRange = weiPerDay_ != 0 && weiPerDay_ <= MAX_WEI && burstWei_ != 0 && burstWei_ <= MAX_WEI;
        require(inRange, DripOutOfRange(weiPerDay_, burstWei_));
        uint256 allowance = _bucket.at == 0 ? burstWei_ : allowanceWei();
        if (allowance > burstWei_) allowance = burstWei_;
        _bucket = Bucket(uint128(allowance), uint64(block.timestamp));
        (weiPerDay, burstWei) = (weiPerDay_, burstWei_);
        emit DripSet(weiPerDay_, burstWei_);
    }
}
