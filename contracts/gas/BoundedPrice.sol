// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBoundedPrice} from "./IBoundedPrice.sol";

/// @title A price that a keeper moves, a little at a time
/// @notice See IBoundedPrice, which says what each function does, trusts and refuses.
contract BoundedPrice is IBoundedPrice, Ownable {
    using SafeCast for uint256;

    /// @notice Greatest change that governance may allow one update, parts per million.
    uint32 public constant MAX_CHANGE_PPM = 200_000;
    /// @notice Least time between two updates that governance may set, seconds.
    uint32 public constant MIN_INTERVAL_SECONDS = 60;

    uint256 internal constant ONE_PPM = 1_000_000;

    /// @notice Least price that governance may allow.
    uint256 public immutable HARD_MIN_WEI;
    /// @notice Greatest price that governance may allow.
    uint256 public immutable HARD_MAX_WEI;

    /// @dev One slot, which is all that a reader reads.
    struct Price {
        uint128 openWei;
        uint64 updatedAt;
    }

    Price internal _price;
    Bounds internal _bounds;
    /// @inheritdoc IBoundedPrice
    address public keeper;

    /// @param governance sets bounds and keeper
    /// @param hardMinWei least price for ever
    /// @param hardMaxWei greatest price for ever
    /// @param openWei first price
    constructor(
        address governance,
        address keeper_,
        uint256 hardMinWei,
        uint256 hardMaxWei,
        uint256 openWei,
        Bounds memory bounds_
    ) Ownable(governance) {
        (HARD_MIN_WEI, HARD_MAX_WEI) = (hardMinWei, hardMaxWei);
        _price.openWei = openWei.toUint128();
        _setBounds(bounds_);
        _setKeeper(keeper_);
        _set(openWei);
    }

    /// @inheritdoc IBoundedPrice
    function update(uint256 openWei) external {
        require(msg.sender == keeper, PriceNotKeeper(msg.sender));
        (uint256 previousWei, uint256 from) = (_price.openWei, _price.updatedAt + _bounds.minIntervalSeconds);
        require(block.timestamp >= from, PriceTooSoon(block.timestamp, from));
        uint256 changeWei = openWei > previousWei ? openWei - previousWei : previousWei - openWei;
        uint256 maxChangeWei = (previousWei * _bounds.maxChangePpm) / ONE_PPM;
        require(changeWei <= maxChangeWei, PriceChangedTooMuch(openWei, previousWei, maxChangeWei));
        _set(openWei);
    }

    /// @inheritdoc IBoundedPrice
    function reset(uint256 openWei) external onlyOwner {
        _set(openWei);
    }

    /// @inheritdoc IBoundedPrice
    function setBounds(Bounds calldata bounds_) external onlyOwner {
        _setBounds(bounds_);
    }

    /// @inheritdoc IBoundedPrice
    function setKeeper(address keeper_) external onlyOwner {
        _setKeeper(keeper_);
    }

    /// @notice The latest price and when it was made.
    function price() external view returns (uint256 openWei, uint64 updatedAt) {
        return (_price.openWei, _price.updatedAt);
    }

    /// @inheritdoc IBoundedPrice
    function bounds() external view returns (Bounds memory) {
        return _bounds;
    }

    function _set(uint256 openWei) internal {
        _requireWithin(openWei, _bounds);
        _price = Price(openWei.toUint128(), uint64(block.timestamp));
        emit PriceUpdated(msg.sender, openWei);
    }

    function _setBounds(Bounds memory bounds_) internal {
        bool withinLimits =
            HARD_MIN_WEI != 0 &&
                bounds_.minWei >= HARD_MIN_WEI &&
                bounds_.maxWei <= HARD_MAX_WEI &&
                bounds_.minWei <= bounds_.maxWei &&
                bounds_.maxChangePpm != 0 &&
                bounds_.maxChangePpm <= MAX_CHANGE_PPM &&
                bounds_.minIntervalSeconds >= MIN_INTERVAL_SECONDS;
        require(withinLimits, PriceBadBounds(bounds_));
        _requireWithin(_price.openWei, bounds_);
        _bounds = bounds_;
        emit BoundsSet(bounds_.minWei, bounds_.maxWei, bounds_.maxChangePpm, bounds_.minIntervalSeconds);
    }

    function _setKeeper(address keeper_) internal {
        keeper = keeper_;
        emit KeeperSet(keeper_);
    }

    function _requireWithin(uint256 openWei, Bounds memory bounds_) internal pure {
        bool within = openWei >= bounds_.minWei && openWei <= bounds_.maxWei;
        require(within, PriceOutOfBounds(openWei, bounds_.minWei, bounds_.maxWei));
    }
}
