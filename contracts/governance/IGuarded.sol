// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A contract that governance owns and a guardian may pause
/// @notice The guardian is quick and weak: it can stop what is new, and nothing else. Only governance can go on, name another
/// guardian, or upgrade.
interface IGuarded {
    /// @notice New business was stopped.
    event Paused(address indexed by);
    /// @notice New business goes on.
    event Unpaused(address indexed by);
    /// @notice Who may pause from now on; 0 for governance alone.
    event GuardianSet(address indexed guardian);

    /// @notice New business is stopped.
    error GuardedPaused();
    /// @notice Only the guardian or governance may do this.
    error GuardedNotGuardian(address sender);

    /// @notice Stops new business. Guardian or governance.
    function pause() external;

    /// @notice Lets business go on. Governance only.
    function unpause() external;

    /// @notice Names the guardian; 0 for none. Governance only.
    function setGuardian(address guardian_) external;

    /// @notice Who may pause besides governance.
    function guardian() external view returns (address);

    /// @notice Whether new business is stopped.
    function isPaused() external view returns (bool);
}
