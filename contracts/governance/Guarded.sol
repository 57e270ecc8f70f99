// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IGuarded} from "./IGuarded.sol";

/// @title What every upgradeable contract has in common: governance owns it, a guardian may pause it
/// @notice See IGuarded. What a pause stops is said where `whenOpen` stands; it never stops money from going back to whom it
/// belongs.
abstract contract Guarded is IGuarded, OwnableUpgradeable, UUPSUpgradeable {
    /// @custom:storage-location erc7201:openledger.storage.Guarded
    struct GuardedStorage {
        address guardian;
        bool paused;
    }

    // keccak256(abi.encode(uint256(keccak256("openledger.storage.Guarded")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant GUARDED_STORAGE = 0x72aa434bc74bb0fb20446bdda87a969683f13e1ca62aad73d93c00b0631bba00;

    modifier whenOpen() {
        require(!_guarded().paused, GuardedPaused());
        _;
    }

    modifier onlyGuardian() {
        require(msg.sender == _guarded().guardian || msg.sender == owner(), GuardedNotGuardian(msg.sender));
        _;
    }

    /// @inheritdoc IGuarded
    function pause() external onlyGuardian {
        _guarded().paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IGuarded
    function unpause() external onlyOwner {
        _guarded().paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IGuarded
    function setGuardian(address guardian_) external onlyOwner {
        _setGuardian(guardian_);
    }

    /// @inheritdoc IGuarded
    function guardian() external view returns (address) {
        return _guarded().guardian;
    }

    /// @inheritdoc IGuarded
    function isPaused() public view returns (bool) {
        return _guarded().paused;
    }

    // solhint-disable-next-line func-name-mixedcase
    function __Guarded_init(address governance, address guardian_) internal onlyInitializing {
        __Ownable_init(governance);
        _setGuardian(guardian_);
    }

    function _setGuardian(address guardian_) private {
        _guarded().guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    function _guarded() private pure returns (GuardedStorage storage stored) {
        bytes32 slot = GUARDED_STORAGE;
        assembly ("memory-safe") {
            stored.slot := slot
        }
    }

    /// @dev Upgrades are governance's alone.
    function _authorizeUpgrade(address) internal override onlyOwner {}
}
